package import ArgumentParser

/// `asactl credential`.
package struct CredentialCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "credential", abstract: "Look at, hand out, take away and rebuild the keys that nodes hold.",
    discussion: """
      On Windows: Get-ClientAccessServer -IncludeAlternateServiceAccountCredentialStatus is show, -CopyFrom is copy, \
      -RemoveAlternateServiceAccountCredentials is remove, -CleanUpInvalidAlternateServiceAccountCredentials is prune.

      Examples:
        asactl credential show cas-1.example.com
        asactl credential copy --to cas-3.example.com
        asactl credential remove cas-3.example.com
        asactl credential prune --dry-run
        asactl credential adopt --from cas-1.example.com --dry-run
      """,
    subcommands: [
      CredentialShowCommand.self, CredentialCopyCommand.self, CredentialRemoveCommand.self, CredentialPruneCommand.self,
      CredentialAdoptCommand.self,
    ])

  /// Made by ArgumentParser.
  package init() {}
}
