package import ArgumentParser
import Configuration
import RotationCore

/// `asactl spn remove`.
package struct SPNRemoveCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take SPNs off the account.",
    discussion: """
      What setspn -D does, whatever the case that they are typed in. Clients get no new tickets for them from then on: they \
      fall back to NTLM, or are refused; tickets that they hold go on working until they end. You are warned of SPNs that \
      rotator.yaml still names, because the next rotation reports them as missing.

      To move an SPN from another account, name that one with --account.

      Examples:
        asactl spn remove http/old.example.com
        asactl spn remove --account 'EXAMPLE\\CAS-1$' http/mail.example.com
      """)

  @Argument(
    help: ArgumentHelp("The SPNs.", valueName: "spn"), completion: LiveCompletion.servicePrincipalName,
    transform: RegistrationArguments.registeredName)
  var names: [String]
  @OptionGroup var account: SPNAccountOptions
  @Flag(name: .customLong("dry-run"), help: "Say what would be taken off; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Looks, asks, takes them off.
  package func execute(in environment: CommandEnvironment) async throws {
    let change = NameChange(
      isRemoving: true, isDryRun: isDryRun, isConfirmed: isConfirmed, isJSON: output.isJSON, environment: environment)
    try change.checkCanBeMade()
    let found = try await directory.find(account.account, in: environment)
    try await change.make(plan(found.name, found.account, found.directory)) { (names) throws(OperatorFault) in
      try await found.directory.writer.port.removeServicePrincipalNames(names, from: found.account.objectGUID)
    }
  }

  private func plan(
    _ name: AccountName, _ account: AdministeredAccount, _ reached: AdministeredDirectory
  ) -> NameChangeDocument {
    let registered = RegisteredNames(spellings: account.servicePrincipalNames)
    let spellings = names.flatMap(registered.spellings)
    let changes = account.servicePrincipalNames.filter(spellings.contains)
    let known = reached.aim.accounts.first { $0.name == name }?.servicePrincipalNames.map(\.description) ?? []
    let configured = RegisteredNames(spellings: known)
    let warnings = changes.filter(configured.contains).map {
      "\($0) is still in rotator.yaml: the rotator reports it as missing until it is taken out there"
    }
    let consequence = "clients get no new tickets for them: they fall back to NTLM, or are refused"
    return NameChangeDocument(
      account: name.description, distinguishedName: account.distinguishedName.visible, domainController: reached.writer.name,
      changes: changes, unchanged: names.filter { !registered.contains($0) },
      warnings: changes.isEmpty ? [] : [consequence] + warnings, dryRun: true)
  }
}
