package import ArgumentParser
import Foundation
import RotationCore

/// `asactl journal`.
package struct JournalCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Show the journal of asa-rotatord, by the right call of journalctl.",
    discussion: """
      Becomes journalctl; its exit code is the exit code. Needs no running rotator, but the right to read the system's \
      journal (root, or the group systemd-journal). Filters add up: an entry is shown if it fits all of them.

      Outcomes: succeeded, \(AlarmOutcome.allCases.map(\.rawValue).joined(separator: ", ")).
      Kinds: \(RecordKind.allCases.map(\.rawValue).joined(separator: ", ")).

      With --agent the messages of this host's asa-agentd; outcomes, kinds and the other filters are the rotator's.

      Examples:
        asactl journal --outcome failed --since -30d --explain
        asactl journal --account 'EXAMPLE\\EXCH2016ASA$' --follow
        asactl journal --kind nodeBehind --kind nodeRecovered --print
      """)

  @Option(
    help: ArgumentHelp("This account only, written as in rotator.yaml.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?
  @Option(
    help: ArgumentHelp("This rotation only.", valueName: "id"), completion: LiveCompletion.rotation,
    transform: NameArguments.rotation)
  var rotation: String?
  @Option(
    help: ArgumentHelp("Only records that tell of this outcome.", valueName: "outcome"),
    completion: .list(["succeeded"] + AlarmOutcome.allCases.map(\.rawValue)), transform: NameArguments.kinds(ofOutcome:))
  var outcome: [[RecordKind]] = []
  @Option(
    help: ArgumentHelp("Only records of this kind; may be given again.", valueName: "kind"),
    completion: .list(RecordKind.allCases.map(\.rawValue)), transform: NameArguments.kind)
  var kind: [RecordKind] = []
  @Option(
    help: ArgumentHelp("Only what concerns this node.", valueName: "node"), completion: LiveCompletion.node,
    transform: NameArguments.node)
  var node: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Not before: ISO 8601, or what journalctl takes, as in -1h, yesterday.", valueName: "time"))
  var since: String?
  @Option(parsing: .unconditional, help: ArgumentHelp("Not after; likewise.", valueName: "time"))
  var until: String?
  @Flag(name: .customLong("follow"), help: "Wait for more and show it, until Ctrl-C.")
  var follows = false
  @Flag(name: .customLong("agent"), help: "The node agent of this host instead of the rotator.")
  var isAgent = false
  @Flag(name: .customLong("explain"), help: "Under each record what it means and what to do.")
  var explains = false
  @Flag(name: .customLong("print"), help: "Only print the call.")
  var isPrinted = false
  @Flag(name: .customLong("json"), help: "Only print the call, as JSON; json.md in the documentation describes it.")
  var isJSON = false

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses filters that no entry could fit.
  package func validate() throws {
    let isFiltered = account != nil || rotation != nil || node != nil || !kind.isEmpty || !outcome.isEmpty
    guard !isAgent || !isFiltered else {
      throw ValidationError("--agent goes with --since, --until and --follow only, the agent writes no records")
    }
    guard kind.isEmpty || outcome.isEmpty else { throw ValidationError("give --kind or --outcome, not both") }
    for time in [since, until].compactMap({ $0 }) where time != time.visible || time.isEmpty {
      throw ValidationError("a time must be printable text")
    }
  }

  /// Prints the call, or becomes it.
  package func execute(in environment: CommandEnvironment) async throws {
    let call = query.call
    guard isPrinted || isJSON else { return try environment.handOver(call) }
    let document = JournalDocument(arguments: [call.name] + call.arguments)
    try Answer(environment.terminal, json: isJSON).print(document) { [call.shellText] }
  }

  private var query: JournalQuery {
    var query = JournalQuery()
    query.isAgent = isAgent
    query.account = account
    query.rotation = rotation
    query.node = node
    query.kinds = kind + outcome.flatMap { $0 }
    query.since = since.map(Self.moment)
    query.until = until.map(Self.moment)
    query.follows = follows
    query.explains = explains
    return query
  }

  /// journalctl of systemd 252 does not read ISO 8601 with an offset, which is how `--json` writes times; it does read seconds.
  private static func moment(_ text: String) -> String {
    MomentText(text, option: "").absolute.map { "@\(Int64($0.timeIntervalSince1970))" } ?? text
  }
}
