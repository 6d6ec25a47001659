package import ArgumentParser

/// `asactl account`.
package struct AccountCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "account", abstract: "The shared account in the directory.", subcommands: [AccountEnctypesCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
