package import ArgumentParser
import ControlProtocol

/// `asactl nodes list`.
package struct NodesListCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the nodes: attached or not, last seen, clock, certificate.",
    discussion: """
      CLOCK is the node's clock less the rotator's; Kerberos tolerates five minutes.

      Example: asactl nodes list
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks for the nodes and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_ListNodesRequest()
    let reply = try await connection.connection.reading { try await $0.listNodes(request, options: ControlConnection.brief) }
    let document = NodesDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      NodesRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
