package import ArgumentParser

/// `asactl spn`.
package struct SPNCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "spn", abstract: "The SPNs of the shared account in the directory: what setspn does, with the nodes in view.",
    discussion: """
      setspn -F -Q is asactl spn query, -S is add, -L is list, -D is remove; check is what setspn -X only begins to be. All of \
      them ask the domain controllers under your own Kerberos ticket (kinit) or, with --as-rotator, as the rotator.

      Example: asactl spn check
      """,
    subcommands: [
      SPNQueryCommand.self, SPNAddCommand.self, SPNListCommand.self, SPNRemoveCommand.self, SPNCheckCommand.self,
    ])

  /// Made by ArgumentParser.
  package init() {}
}

/// Which account's SPNs a command is about.
struct SPNAccountOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("account"),
    help: ArgumentHelp("The account; may be left out where only one is configured.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?
}
