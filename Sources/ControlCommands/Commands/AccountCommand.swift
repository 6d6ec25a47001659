package import ArgumentParser

/// `asactl account`.
package struct AccountCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "account", abstract: "The shared account in the directory.",
    discussion: """
      All but enctypes ask the domain controllers themselves, under your own Kerberos ticket (kinit) or, with --as-rotator, as \
      the rotator: New-ADComputer is asactl account create, Get-ADComputer is show, dsacls is delegate.

      Example: asactl account list
      """,
    subcommands: [
      AccountListCommand.self, AccountShowCommand.self, AccountCreateCommand.self, AccountDelegateCommand.self,
      AccountEnctypesCommand.self, AccountRetireCommand.self,
    ])

  /// Made by ArgumentParser.
  package init() {}
}
