package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl status`.
package struct StatusCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the accounts, their next rotation, and the keys on each node.",
    discussion: """
      Per node, as on Windows: Latest is the key that domain controllers issue tickets under now, Previous the one \
      before it. Next is a key that is staged but not in Active Directory yet; Retiring keys are older and kept while \
      tickets under them may be alive. "behind" means that the node does not hold yet what it should.

      Example: asactl status cas-1.example.com
      """)

  @Argument(help: "Show this node only.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks for the status and prints it.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_StatusRequest.with { $0.node = node ?? "" }
    let reply = try await connection.connection.reading { try await $0.getStatus(request, options: ControlConnection.brief) }
    let document = StatusDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      StatusRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
