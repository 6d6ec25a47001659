package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl nodes revoke`.
package struct NodesRevokeCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Shut a node out: cut its stream, refuse its certificate, stop waiting for it.",
    discussion: """
      Every certificate issued to the node until now is refused from now on. The node keeps the keys that it holds; if \
      it may be in the wrong hands, rotate afterwards. A certificate issued later lets it back in.

      Example: asactl nodes revoke cas-3.example.com && asactl rotate
      """)

  @Argument(help: "The node.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks the person, revokes, prints what became of it.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "nodes revoke")
    try await consent.obtain("Revoke \(node) and refuse its certificate from now on?")
    let request = Asa_Control_V1_RevokeNodeRequest.with { $0.node = node }
    let reply = try await connection.connection.changing { try await $0.revokeNode(request, options: ControlConnection.brief) }
    let document = RevocationDocument(node: node, reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      NodesRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
