package import ArgumentParser
import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

/// `asactl nodes exclude`.
package struct NodesExcludeCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "exclude", abstract: "Let rotations go on without a node until a time, as for its maintenance.",
    discussion: """
      The node stays attached and is caught up with whenever it is there; only nobody waits for it, and nobody is told that \
      it is away. Keep it out of the balancer while its agent is stopped. The time is ISO 8601 (2026-12-01T06:00:00Z), local \
      time ('2026-12-01 06:00'), or a span (90m, 12h, 3d, 2w). A second exclusion takes the place of the first; \
      asactl nodes include ends it early.

      Example: asactl nodes exclude cas-3.example.com --until 4h --reason 'new disks'
      """)

  @Argument(help: "The node.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @Option(help: ArgumentHelp("Until when.", valueName: "time"))
  var until: String
  @Option(help: ArgumentHelp("Why, for whoever asks later.", valueName: "text"), transform: NameArguments.remark)
  var reason = "maintenance"
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Excludes the node and prints what that means.
  package func execute(in environment: CommandEnvironment) async throws {
    let end = try environment.futureDate(until, option: "--until")
    let request = Asa_Control_V1_ExcludeNodeRequest.with {
      $0.node = node
      $0.until = .with { $0.seconds = Int64(end.timeIntervalSince1970) }
      $0.reason = reason
    }
    _ = try await connection.connection.changing { try await $0.excludeNode(request, options: ControlConnection.brief) }
    let document = ExclusionDocument(node: node, excludedUntil: end, reason: reason)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      NodesRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
