package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl nodes include`.
package struct NodesIncludeCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "include", abstract: "Have rotations wait for an excluded node again.",
    discussion: """
      If it was not excluded nothing changes, and the exit code is 0 too.

      Example: asactl nodes include cas-3.example.com
      """)

  @Argument(help: "The node.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Includes the node and prints that it is.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_ExcludeNodeRequest.with { $0.node = node }
    _ = try await connection.connection.changing { try await $0.excludeNode(request, options: ControlConnection.brief) }
    let document = ExclusionDocument(node: node, excludedUntil: nil, reason: nil)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      NodesRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
