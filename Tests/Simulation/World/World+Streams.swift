import Foundation
import RotationCore

// MARK: - Attaching

extension World {
  /// An agent that has no stream to a rotator dials until it has one.
  func dial(from node: SimulatedNode, to site: RotatorSite) {
    guard !node.isDialling[site.index] else { return }
    node.isDialling[site.index] = true
    after(faults.isOver ? random.seconds(0.1...2) : random.seconds(0.1...8)) { [self] in
      node.isDialling[site.index] = false
      attach(node, to: site)
    }
  }

  private func attach(_ node: SimulatedNode, to site: RotatorSite) {
    guard node.isUp, node.streams[site.index] == nil, let process = site.process, process.isRunning else { return }
    if let revoked = site.revocations[node.name], node.certifiedAt <= revoked {
      return after(60) { [self] in dial(from: node, to: site) }
    }
    let stream = AgentStream(node: node, process: process)
    node.streams[site.index] = stream
    if process.streams.removeValue(forKey: node.name) != nil { process.tell(.detached(node.name, reason: "replaced")) }
    process.streams[node.name] = stream
    process.note("\(node.name) attaches")
    process.tell(.attached(node.attachment(at: site.wallTime)))
    process.tell(.clockMeasured(node.name, offset: -site.clockError))
    node.welcome(from: site)
    rise(over: stream, .reported(node.name, node.report(refusal: nil, checksums: [], nonce: [])))
  }

  /// Ends a stream. The agent notices at once and dials again; the rotator notices later.
  func cut(_ stream: AgentStream) {
    guard stream.isOpen else { return }
    stream.isOpen = false
    let (node, process) = (stream.node, stream.process)
    if node.streams[process.site.index] === stream { node.streams[process.site.index] = nil }
    dial(from: node, to: process.site)
    guard process.isRunning else { return }
    after(strikes(.unnoticedBreak) ? random.seconds(3...30) : random.seconds(0.001...1)) {
      guard process.isRunning, process.streams[node.name] === stream else { return }
      process.streams[node.name] = nil
      process.note("\(node.name) is gone")
      process.tell(.detached(node.name, reason: "the stream ended"))
    }
  }
}

// MARK: - Messages

extension World {
  /// An order on its way. One that a broken stream has delivered may still be carried out, late.
  func deliver(_ order: SlotOrder, over stream: AgentStream) {
    stream.lastDown = max(stream.lastDown, now + delay())
    at(stream.lastDown) { [self] in
      if stream.isOpen {
        if strikes(.streamBreakAtMessage) { cut(stream) }
        if strikes(.nodeFrozenAtOrder) { stream.node.freeze(for: random.seconds(5...120)) }
        return stream.node.whenThawed { [self] in carryOut(order, over: stream) }
      }
      guard strikes(.lateOrder) else { return }
      after(random.seconds(0...30)) { [self] in stream.node.whenThawed { [self] in carryOut(order, over: stream) } }
    }
  }

  private func carryOut(_ order: SlotOrder, over stream: AgentStream) {
    let node = stream.node
    guard node.isUp, node.life == stream.nodeLife, let report = node.carryOut(order, from: stream.process.site) else { return }
    if node.strikes(.nodeCrashBeforeAnswer) { return node.crash() }
    rise(over: stream, .reported(node.name, report))
  }

  /// A message of the agent's on its way to the rotator.
  func rise(over stream: AgentStream, _ event: NodeEvent) {
    rise(over: stream) { stream.process.tell(event) }
  }

  private func rise(over stream: AgentStream, _ body: @escaping () -> Void) {
    guard stream.isOpen else { return }
    stream.lastUp = max(stream.lastUp, now + delay())
    at(stream.lastUp) { [self] in
      guard stream.isOpen, stream.process.isRunning, stream.process.streams[stream.node.name] === stream else { return }
      if strikes(.streamBreakAtMessage) { return cut(stream) }
      body()
    }
  }

  /// A node's turn on its way. Its consumer takes a while; when it has loaded the keytab, the rotator is told, if it can be.
  func deliverTurn(over stream: AgentStream) {
    stream.lastDown = max(stream.lastDown, now + delay())
    at(stream.lastDown) { [self] in
      guard stream.isOpen else { return }
      after(random.seconds(0.1...15)) { [self] in
        let node = stream.node
        guard node.isUp, node.life == stream.nodeLife else { return }
        node.loadKeytab()
        for other in node.streams.compactMap(\.self) {
          rise(over: other, .reported(node.name, node.report(refusal: nil, checksums: [], nonce: [])))
        }
      }
    }
  }

  func prove(
    _ request: [UInt8], for name: ServicePrincipalName, on node: NodeName, from process: RotatorProcess,
    reply: @escaping (ProofAnswer) -> Void
  ) {
    guard let stream = process.streams[node] else { return }
    stream.lastDown = max(stream.lastDown, now + delay())
    at(stream.lastDown) { [self] in
      stream.node.whenThawed { [self] in
        guard stream.isOpen, stream.node.isUp else { return }
        let (answer, hasNews) = stream.node.prove(ToyRequest(request), for: name)
        stream.node.rename(under: process.site)
        if hasNews { rise(over: stream, .reported(node, stream.node.report(refusal: nil, checksums: [], nonce: []))) }
        rise(over: stream) { reply(answer) }
      }
    }
  }
}
