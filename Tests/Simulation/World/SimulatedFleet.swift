import Foundation
import RotationCore

/// One stream between an agent and a rotator: first in, first out, until it breaks and loses what is under way.
final class AgentStream {
  let node: SimulatedNode
  let process: RotatorProcess
  let nodeLife: Int
  var isOpen = true
  /// When the last message of each direction arrives: none overtakes another.
  var lastDown = 0.0
  var lastUp = 0.0

  init(node: SimulatedNode, process: RotatorProcess) {
    self.node = node
    self.process = process
    nodeLife = node.life
  }
}

/// The rotator's end of all streams.
struct SimulatedFleet: NodeFleet {
  let process: RotatorProcess

  var events: AsyncStream<NodeEvent> { process.events }

  func send(_ order: SlotOrder, to node: NodeName) async {
    if process.strikes(.rotatorCrashBeforeOrder) { await process.die() }
    guard process.isRunning, let stream = process.streams[node] else { return }
    let order = OrderSeam(world: process.world).rewritten(order, for: stream.node)
    process.note("orders \(node): \(order.summary)")
    process.world.checkMayOrder(process)
    process.world.checkForm(of: order, from: process)
    process.world.checkIsTrusted(stream.node, by: process)
    process.world.deliver(order, over: stream)
    if process.strikes(.rotatorCrashAfterOrder) { await process.die() }
  }

  func prove(
    _ request: [UInt8], for servicePrincipalName: ServicePrincipalName, of account: AccountName, on node: NodeName,
    isTrial: Bool, timeout: Duration
  ) async -> ProofAnswer {
    let silence = ProofAnswer(outcome: .failure(OperatorFault(.unavailable, "node \(node)", "does not answer")), rotation: nil)
    guard process.streams[node] != nil || !process.isRunning else { return silence }
    return await process.ask(or: silence) { reply in
      process.world.after(Double(timeout.components.seconds)) { reply(silence) }
      process.world.prove(request, for: servicePrincipalName, on: node, from: process, reply: reply)
    }
  }

  func leaveBehind(_ node: NodeName, account: AccountName) async {}

  func grantConsumerTurn(to node: NodeName, drains: Bool) async {
    guard process.isRunning, let stream = process.streams[node] else { return }
    process.note("gives \(node) its turn")
    process.world.deliverTurn(over: stream)
  }

  func decommission(_ node: NodeName, accounts: [AccountName]) async {}

  func removeKeys(of accounts: [AccountName], from node: NodeName) async {}

  func revoke(_ node: NodeName, at instant: Date) async {
    guard process.isRunning else { return }
    process.site.revocations[node] = process.world.now
    guard let stream = process.streams[node] else { return }
    process.world.cut(stream)
  }
}

extension SlotOrder {
  var summary: String {
    let slots = slots.map { "\($0.rotation)@\($0.version) \($0.position)\($0.keys == nil ? " (kept)" : "")" }
    return
      "\(epoch)/\(version) \(slots.joined(separator: ", "))\(drop.isEmpty ? "" : " drop \(drop.map(\.description).joined(separator: " "))")"
  }
}
