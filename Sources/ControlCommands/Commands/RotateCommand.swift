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

      With --json every event is one line; the last one has the type ended, or fault if the request was refused.

      Examples:
        asactl rotate --dry-run
        asactl rotate --account 'EXAMPLE\\EXCH2016ASA$' --yes
        asactl rotate --take-over --dry-run
      """)

  @OptionGroup var account: AccountOptions
  @Flag(name: .customLong("dry-run"), help: "Check everything and show the plan; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("take-over"), help: "Claim the account from another rotator, which is gone for good.")
  var isTakeover = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Plans, asks, rotates.
  package func execute(in environment: CommandEnvironment) async throws {
    let client = RotationClient(connection: connection.connection, environment: environment, isTakeover: isTakeover)
    if isDryRun { return try await showPlan(client, environment) }
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "rotate")
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
    try await consent.obtain("Rotate the password of \(result.account) now?")
    return result.account
  }

  private func reporter(_ environment: CommandEnvironment) -> any RotationReporter {
    if output.isJSON { return JSONRotationReporter(terminal: environment.terminal) }
    if environment.terminal.canRedraw { return LiveRotationReporter(terminal: environment.terminal) }
    return PlainRotationReporter(terminal: environment.terminal, time: environment.time)
  }
}
