package import ArgumentParser
import RotationCore

/// `asactl account show`.
package struct AccountShowCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Describe an account as the domain controllers have it, and what the rotator may do to it.",
    discussion: """
      What Get-ADComputer -Properties * shows of it that matters here: class, place, last password set, state, encryption \
      types, SPNs, and the kvno on every domain controller. The rights of the rotator are judged by the object's permissions \
      and the groups that the rotator's account is in: Reset Password and write on the stamp attribute are needed, write on \
      msDS-SupportedEncryptionTypes only to move the account to AES, and everything else is more than needed.

      It asks the domain controllers itself, under your own Kerberos ticket (kinit) or, with --as-rotator, as the rotator.

      Example: asactl account show 'EXAMPLE\\EXCH2016ASA$'
      """)

  @Argument(
    help: ArgumentHelp("The account; may be left out where only one is configured.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks and shows.
  package func execute(in environment: CommandEnvironment) async throws {
    let found = try await directory.find(account, in: environment)
    let document = await AccountSurvey(directory: found.directory, account: found.account).describe()
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      AccountDescriptionRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
