package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl credential show`.
package struct CredentialShowCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the keys that a node holds, account by account.",
    discussion: """
      For each slot: its position, when its password was set, until when it is kept, kvno, encryption types, the rotation that \
      made it; and for each account the keytabs, and whether the node holds what it should. A slot whose keys are destroyed \
      stays listed as retired.

      On Windows: Get-ClientAccessServer -IncludeAlternateServiceAccountCredentialStatus. Keys are not shown by any command; \
      klist -ekt shows what a keytab holds.

      Example: asactl credential show cas-1.example.com
      """)

  @Argument(help: "The node.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks for the status of the node and prints its slots.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_StatusRequest.with { $0.node = node }
    let reply = try await connection.connection.reading { try await $0.getStatus(request, options: ControlConnection.brief) }
    let document = CredentialDocument(reply, node: node)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      CredentialRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
