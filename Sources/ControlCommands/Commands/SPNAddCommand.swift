package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl spn add`.
package struct SPNAddCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Register SPNs on the account, unless anything else in the forest holds them.",
    discussion: """
      What setspn -S does: the whole forest is searched through the global catalog, without regard to case, and an SPN that \
      another object holds is refused by name. Beyond that it is refused while no node holds the account's key, since an SPN \
      makes clients ask for tickets at once that somebody has to open (but for the first ones of a user account, whose first \
      rotation needs tickets); and you are warned of SPNs that rotator.yaml does not \
      name, for which nodes have no keytab entry. All of the SPNs are registered, or none.

      Examples:
        asactl spn add http/mail.example.com http/autodiscover.example.com
        asactl spn add --account 'EXAMPLE\\EXCH2016ASA$' http/mail.example.com --dry-run
      """)

  @Argument(
    help: ArgumentHelp("The SPNs.", valueName: "spn"), completion: LiveCompletion.servicePrincipalName,
    transform: RegistrationArguments.name)
  var names: [String]
  @OptionGroup var account: SPNAccountOptions
  @Flag(name: .customLong("dry-run"), help: "Look whether they can be registered; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Looks, asks, registers.
  package func execute(in environment: CommandEnvironment) async throws {
    let change = NameChange(
      isRemoving: false, isDryRun: isDryRun, isConfirmed: isConfirmed, isJSON: output.isJSON, environment: environment)
    try change.checkCanBeMade()
    let found = try await directory.find(account.account, in: environment)
    let reply = try await connection.connection.reading { try await $0.getStatus(.init(), options: ControlConnection.brief) }
    let registration = NameRegistration(
      name: found.name, account: found.account, directory: found.directory, names: names,
      status: reply.accounts.first { (try? AccountName($0.account)) == found.name })
    try await change.make(try await registration.plan()) { (names) throws(OperatorFault) in
      try await found.directory.writer.port.addServicePrincipalNames(names, to: found.account.objectGUID)
    }
  }
}
