package import ArgumentParser

/// `asactl credential`.
package struct CredentialCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "credential", abstract: "Rebuild what a lost store knew of an account's keys.",
    subcommands: [CredentialAdoptCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}
