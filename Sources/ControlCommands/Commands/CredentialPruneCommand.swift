package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl credential prune`.
package struct CredentialPruneCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Destroy every key whose end has passed, now, and say why the others stay.",
    discussion: """
      The rotator does this by itself, within seconds; this shows it done. A key ends when no ticket under it can be alive: one \
      ticket lifetime after the last domain controller has come to issue tickets under a newer one. Nothing ends a key earlier \
      but asactl rotate --compromised.

      On Windows: Set-ClientAccessServer -CleanUpInvalidAlternateServiceAccountCredentials.

      Example: asactl credential prune --dry-run
      """)

  @OptionGroup var account: AccountSelection
  @Flag(name: .customLong("dry-run"), help: "Say what would be destroyed; change nothing.")
  var isDryRun = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Prunes and prints what became of each key.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_PruneCredentialRequest.with {
      $0.account = account.wireName
      $0.dryRun = isDryRun
    }
    let reply = try await connection.connection.changing {
      try await $0.pruneCredential(request, options: ControlConnection.brief)
    }
    let document = PruneDocument(reply, isDryRun: isDryRun)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      PruneRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
