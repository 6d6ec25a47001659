import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// What `asactl rotate --compromised` wants to know.
struct CompromiseOptions: ParsableArguments, Sendable {
  @Flag(
    name: .customLong("compromised"),
    help: "A key may be in the wrong hands: destroy every older one once the new one is proven, whatever tickets live.")
  var isCompromised = false
  @Option(
    name: .customLong("reason"), help: ArgumentHelp("What has happened, for the record.", valueName: "text"),
    transform: NameArguments.remark)
  var reason: String?
  @Option(
    name: .customLong("shut-out"), parsing: .upToNextOption,
    help: ArgumentHelp("Nodes to revoke first, so that they never get the new key.", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.node)
  var shutOut: [String] = []
  @Flag(
    name: .customLong("drop-now"),
    help: "Do not wait for domain controllers that still issue tickets under the old key.")
  var isDroppingNow = false

  /// Refuses a reason or an exception without the emergency, and the emergency without a reason.
  func validate() throws {
    if isCompromised, reason == nil { throw ValidationError("--compromised needs --reason") }
    if !isCompromised, reason != nil || !shutOut.isEmpty || isDroppingNow {
      throw ValidationError("--reason, --shut-out and --drop-now belong to --compromised")
    }
  }

  /// The order for the wire; `nil` for an ordinary rotation.
  ///
  /// - Parameter more: Nodes to be shut out beside those on the command line.
  func order(and more: [String] = []) -> Asa_Control_V1_Compromise? {
    guard isCompromised else { return nil }
    return .with {
      $0.reason = reason ?? ""
      $0.shutOut = shutOut + more.filter { !shutOut.contains($0) }
      $0.dropNow = isDroppingNow
    }
  }
}

/// Asks which nodes must not get the new key.
struct ShutOutQuestion {
  let connection: ControlConnection
  let terminal: Terminal

  /// Lists the nodes and reads names; none for an empty answer.
  ///
  /// - Throws: `OperatorFault` of kind `.usage` for a name that is no node's.
  func answer() async throws -> [String] {
    let reply = try await connection.reading { try await $0.listNodes(.init(), options: ControlConnection.brief) }
    let nodes = reply.nodes.filter { $0.connection != "revoked" }
    try terminal.print(["Nodes:"] + nodes.map { "  \($0.node.visible)  \($0.connection.visible)" })
    let text = try await terminal.asks("Shut out which of them first, so that they never get the new key? [none]") ?? ""
    let names = text.split { $0 == " " || $0 == "," }.map { $0.lowercased() }
    for name in names where !nodes.contains(where: { $0.node == name }) {
      throw OperatorFault(
        .usage, "node \(name.visible)", "is not one of these", remedy: "name nodes as they are listed, or none at all")
    }
    return names
  }
}
