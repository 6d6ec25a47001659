package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl account retire`.
package struct AccountRetireCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Turn Kerberos off for an account: its SPNs, its keys on the nodes, the account.",
    discussion: """
      In the order in which the least breaks, and each step says what it breaks and asks:
        1  its SPNs are taken off it (setspn -D): clients get no new tickets and fall back to NTLM
        2  the nodes destroy its keys (Set-ClientAccessServer -RemoveAlternateServiceAccountCredentials)
        3  the account is disabled, or with --delete deleted
      Between 1 and 2 wait for a ticket lifetime (10 hours, unless the domain says otherwise) if no client is to be refused \
      with a ticket that it holds.

      A step that is done already is seen and said, so the same command goes on where it was stopped. It is refused while a \
      rotation of the account is in progress: pause the account first, and take it out of rotator.yaml afterwards.

      Steps 1 and 3 are done under your own Kerberos ticket (kinit), step 2 by the running rotator.

      Examples:
        asactl account retire 'EXAMPLE\\EXCH2016ASA$' --dry-run
        asactl account retire 'EXAMPLE\\EXCH2016ASA$' --delete --yes
      """)

  @Argument(
    help: ArgumentHelp("The account.", valueName: "DOMAIN\\acct$"), completion: LiveCompletion.account,
    transform: NameArguments.account)
  var account: String
  @Flag(name: .customLong("delete"), help: "Delete the account at the end instead of disabling it.")
  var isDeleting = false
  @Flag(name: .customLong("dry-run"), help: "Show the steps and what is done already; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask, at no step.")
  var isConfirmed = false
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Looks, shows the steps, does one after the other.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed || isDryRun, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "account retire")
    let retirement = try await survey(environment)
    try retirement.check()
    var document = retirement.plan()
    let rendering = RetirementRendering(style: environment.terminal.style)
    if !output.isJSON { try environment.terminal.print(rendering.plan(document)) }
    if isDryRun {
      return try Answer(environment.terminal, json: output.isJSON).print(document) { ["Nothing was changed."] }
    }
    document.dryRun = false
    try await run(retirement, &document, environment)
    try Answer(environment.terminal, json: output.isJSON).print(document) { rendering.conclusion(document) }
    if document.steps.contains(where: { $0.state == "declined" }) { throw ExitCode(1) }
  }

  private func survey(_ environment: CommandEnvironment) async throws -> AccountRetirement {
    let name = try AccountName(account)
    let reply = try await connection.connection.reading { try await $0.getStatus(.init(), options: ControlConnection.brief) }
    let reached = try await AdministeredDirectory.reach(
      try directory.aim(at: name, in: environment), for: name, in: environment)
    return AccountRetirement(
      name: name, directory: reached, account: try await reached.account(name),
      status: reply.accounts.first { (try? AccountName($0.account)) == name }, isDeleting: isDeleting,
      removeCredentials: CredentialRemoval(connection: connection.connection).removeAll)
  }

  private func run(
    _ retirement: AccountRetirement, _ document: inout RetirementDocument, _ environment: CommandEnvironment
  ) async throws {
    let tell = { (lines: [String]) throws in if !output.isJSON { try environment.terminal.print(lines) } }
    for (index, step) in AccountRetirement.Step.allCases.enumerated() where document.steps[index].state == "due" {
      guard try await agrees(to: retirement.question(document.steps[index]), environment) else {
        document.steps[index].state = "declined"
        return
      }
      let remarks = try await retirement.carryOut(step)
      document.steps[index].state = "done"
      try tell(["Done: \(document.steps[index].detail)."] + remarks.map { "  \($0)" })
    }
  }

  private func agrees(to question: String, _ environment: CommandEnvironment) async throws -> Bool {
    if isConfirmed { return true }
    return try await environment.terminal.confirms(question)
  }
}
