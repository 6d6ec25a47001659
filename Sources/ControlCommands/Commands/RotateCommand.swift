package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl rotate`.
package struct RotateCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Rotate the password of an account now, and watch.",
    discussion: """
      New keys go to every node first; only when enough nodes have confirmed them is the password set in Active \
      Directory, and real tickets prove the result. Any failure before that leaves password, kvno and nodes as they were.

      On a terminal the plan is shown and you are asked; in a script give --yes. Ctrl-C ends the watching, not the \
      rotation. The exit code is 0 for succeeded and for degraded (some nodes catch up later; they are named).

      --take-over is for an account that another rotator has claimed and will never give back: it is refused unless the \
      newest key of this rotator is the one that the directory uses, and within ten minutes of the last takeover. Whatever \
      the other one had begun can no longer reach the directory, and its staged keys end on the nodes.

      --compromised is for a key that may be in the wrong hands. It rotates at once, and destroys every older key on all nodes \
      when the new one is proven, instead of when its tickets have ended, `previous: keep` or not: clients that hold tickets \
      under one are refused until they get a new one; the plan says which and until when at most. Nodes that are not to get \
      the new key are named with --shut-out, or asked for on a terminal: they are revoked first, and stay so whatever comes of \
      the rotation. While a domain controller still issues tickets under an old key that key is kept, unless you say --drop-now.

      With --json every event is one line; the last one has the type ended, or fault if the request was refused.

      Examples:
        asactl rotate --dry-run
        asactl rotate --account 'EXAMPLE\\EXCH2016ASA$' --yes
        asactl rotate --take-over --dry-run
        asactl rotate --compromised --reason 'cas-3 was stolen' --shut-out cas-3.example.com
      """)

  @OptionGroup var account: AccountOptions
  @Flag(name: .customLong("dry-run"), help: "Check everything and show the plan; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("take-over"), help: "Claim the account from another rotator, which is gone for good.")
  var isTakeover = false
  @OptionGroup var emergency: CompromiseOptions
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses two emergencies at once.
  package func validate() throws {
    if isTakeover, emergency.isCompromised { throw ValidationError("give --take-over or --compromised, not both") }
  }

  /// Plans, asks, rotates.
  package func execute(in environment: CommandEnvironment) async throws {
    var client = RotationClient(
      connection: connection.connection, environment: environment, isTakeover: isTakeover, compromise: emergency.order())
    if isDryRun { return try await showPlan(client, environment) }
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "rotate")
    if emergency.isCompromised, !isConfirmed, emergency.shutOut.isEmpty {
      let question = ShutOutQuestion(connection: connection.connection, terminal: environment.terminal)
      client.compromise = emergency.order(and: try await question.answer())
    }
    let account = isConfirmed ? account.wireName : try await agreedAccount(client, consent, environment)
    try await client.rotate(account, reporter: reporter(environment))
  }

  private func showPlan(_ client: RotationClient, _ environment: CommandEnvironment) async throws {
    if output.isJSON { return try await client.plan(account.wireName, reporter: reporter(environment)) }
    try await client.plan(account.wireName, reporter: PlanReporter(terminal: environment.terminal))
    try environment.terminal.print(["Nothing was changed."])
  }

  /// The account of the plan that the person said yes to: what is rotated is what was shown.
  private func agreedAccount(
    _ client: RotationClient, _ consent: Consent, _ environment: CommandEnvironment
  ) async throws -> String {
    let planned = PlanReporter(terminal: environment.terminal)
    let result = try await client.planned(account.wireName, reporter: planned)
    try await consent.obtain("Rotate the password of \(result.account) now\(destruction(result))?")
    return result.account
  }

  private func destruction(_ result: RotationResult) -> String {
    let versions = result.droppedVersions.map(String.init).joined(separator: ", ")
    return versions.isEmpty ? "" : ", and destroy the keys of kvno \(versions)"
  }

  private func reporter(_ environment: CommandEnvironment) -> any RotationReporter {
    if output.isJSON { return JSONRotationReporter(terminal: environment.terminal) }
    if environment.terminal.canRedraw { return LiveRotationReporter(terminal: environment.terminal) }
    return PlainRotationReporter(terminal: environment.terminal, time: environment.time)
  }
}
