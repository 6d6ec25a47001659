package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl nodes decommission`.
package struct NodesDecommissionCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "decommission", abstract: "Give a node up: it destroys every key that it holds and is shut out.",
    discussion: """
      The node's agent has to be attached. It leaves service, takes the accounts' entries out of its keytabs, destroys its \
      slots and the saved copies of the keytabs, and says so; then its certificate is revoked. Take it out of the balancer \
      first, and out of the arrays in rotator.yaml afterwards. Of a machine that is out of reach the keys cannot be \
      destroyed: revoke it, and rotate.

      Example: asactl nodes decommission cas-3.example.com
      """)

  @Argument(help: "The node.", completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks the person, gives the node up, prints what became of it.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "nodes decommission")
    try await consent.obtain("Destroy every key on \(node) and refuse its certificate from now on?")
    let request = Asa_Control_V1_DecommissionNodeRequest.with { $0.node = node }
    let reply = try await connection.connection.changing {
      try await $0.decommissionNode(request, options: ControlConnection.brief)
    }
    let document = RevocationDocument(node: node, reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      NodesRendering(time: environment.time, style: environment.terminal.style).lines(decommissioned: document)
    }
  }
}
