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
      rotation. A report ends it: destinations, credentials, what is pruned and when, what happened on each node and in Active \
      Directory, and one line with the verdict. The exit code is 0 for succeeded and for degraded (some nodes catch up later; \
      they are named); of several accounts, the worst.

      With a scope (--to-entire-forest, --to-array-members, --to-specific-servers) all accounts that its nodes hold are \
      rotated, side by side. A rotation comes to all nodes of its account or to none: a scope that leaves nodes of an account \
      out is refused with their names. asactl credential copy pushes the keys that exist to any node.

      --take-over is for an account that another rotator has claimed and will never give back: it is refused unless the \
      newest key of this rotator is the one that the directory uses, and within ten minutes of the last takeover. Whatever \
      the other one had begun can no longer reach the directory, and its staged keys end on the nodes.

      --compromised is for a key that may be in the wrong hands. It rotates at once, and destroys every older key on all nodes \
      when the new one is proven, instead of when its tickets have ended, `previous: keep` or not: clients that hold tickets \
      under one are refused until they get a new one; the plan says which and until when at most. Nodes that are not to get \
      the new key are named with --shut-out, or asked for on a terminal: they are revoked first, and stay so whatever comes of \
      the rotation. While a domain controller still issues tickets under an old key that key is kept, unless you say --drop-now.

      With --json every event is one line; the last one of an account has the type ended, or fault if the request was refused.

      In RollAlternateServiceAccountPassword.ps1 --dry-run was -WhatIf, the question -Confirm, --yes -Unattended, and --verbose \
      -Verbose.

      Examples:
        asactl rotate --dry-run
        asactl rotate --account 'EXAMPLE\\EXCH2016ASA$' --yes
        asactl rotate --to-array-members 'mail*' --verbose
        asactl rotate --to-entire-forest --yes
        asactl rotate --take-over --dry-run
        asactl rotate --compromised --reason 'cas-3 was stolen' --shut-out cas-3.example.com
      """)

  @Option(
    name: [.customLong("account"), .customLong("generate-new-password-for")],
    help: ArgumentHelp("The account; may be left out where only one is configured.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?
  @OptionGroup var scope: ScopeOptions
  @Flag(name: .customLong("dry-run"), help: "Check everything and show the plan; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("verbose"), help: "Tell every step of every node with its details and times.")
  var isVerbose = false
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
    if isVerbose, output.isJSON { throw ValidationError("give --verbose or --json, not both: JSON has every step") }
  }

  /// Plans, asks, rotates.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    if !isDryRun { try consent.checkCanBeGiven(subject: "rotate") }
    var client = RotationClient(
      connection: connection.connection, environment: environment, isTakeover: isTakeover, scope: scope.wire,
      compromise: emergency.order())
    let selection = RotationSelection(connection: connection.connection, account: account, scope: scope.wire)
    let accounts = try await selection.accounts(refusesLeftOut: !isDryRun)
    if accounts.count > 1, isTakeover || emergency.isCompromised { throw Self.severalAtOnce }
    if isDryRun { return try await showPlan(client, accounts, environment) }
    if emergency.isCompromised, !isConfirmed, emergency.shutOut.isEmpty {
      let question = ShutOutQuestion(connection: connection.connection, terminal: environment.terminal)
      client.compromise = emergency.order(and: try await question.answer())
    }
    guard !isConfirmed else {
      return try await client.rotate(accounts, reporter: reporter(environment, accounts: accounts.count))
    }
    let (agreed, refused) = try await agreedAccounts(client, accounts, consent, environment)
    try await client.rotate(agreed, besides: refused, reporter: reporter(environment, accounts: agreed.count))
  }

  private func showPlan(_ client: RotationClient, _ accounts: [String], _ environment: CommandEnvironment) async throws {
    if output.isJSON { return try await client.plan(accounts, reporter: JSONRotationReporter(terminal: environment.terminal)) }
    try await client.plan(accounts, reporter: PlanReporter(terminal: environment.terminal, isSaidToChangeNothing: true))
  }

  /// The accounts of the plans that the person said yes to (what is rotated is what was shown), and why the others cannot be rotated: one that
  /// cannot does not hold up the rest.
  private func agreedAccounts(
    _ client: RotationClient, _ accounts: [String], _ consent: Consent, _ environment: CommandEnvironment
  ) async throws -> (accounts: [String], refused: [OperatorFault]) {
    let planned = try await client.planned(accounts, reporter: PlanReporter(terminal: environment.terminal)).map { result in
      (result: result, faults: client.faults(of: [result]))
    }
    let (results, refused) = (planned.filter(\.faults.isEmpty).map(\.result), planned.flatMap(\.faults))
    guard !results.isEmpty else { throw SeveralFaults.combining(refused) }
    for fault in refused { environment.terminal.warn("left out: \(fault)") }
    let names = results.map(\.account)
    let what = "\(names.count == 1 ? "password" : "passwords") of \(names.joined(separator: " and "))"
    try await consent.obtain("Rotate the \(what) now\(destruction(results))?")
    return (names, refused)
  }

  private func destruction(_ results: [RotationResult]) -> String {
    let versions = results.flatMap(\.droppedVersions).map(String.init).joined(separator: ", ")
    return versions.isEmpty ? "" : ", and destroy the keys of kvno \(versions)"
  }

  private func reporter(_ environment: CommandEnvironment, accounts: Int) -> any RotationReporter {
    let terminal = environment.terminal
    if output.isJSON { return JSONRotationReporter(terminal: terminal) }
    if terminal.canRedraw, !isVerbose { return LiveRotationReporter(terminal: terminal, time: environment.time) }
    return PlainRotationReporter(terminal: terminal, time: environment.time, isLabelled: accounts > 1, isVerbose: isVerbose)
  }

  private static let severalAtOnce = OperatorFault(
    .usage, "rotate", "--take-over and --compromised are for one account, and the scope has several",
    remedy: "name it with --account")
}
