package import Foundation
package import RotationCore
package import SecretMemory
import Synchronization

/// All nodes of one account. Whoever asks for the events anew sees every attached node attach again, as after a restart.
package final class FakeNodeFleet: NodeFleet {
  private struct State {
    var nodes: [NodeName: FakeNode] = [:]
    var listener: AsyncStream<NodeEvent>.Continuation?
  }

  private let state = Mutex(State())
  private let account: AccountName
  private let clock: ManualPolicyClock
  private let trace: Chronicle<PortCall>

  /// Nodes that hold `keys`, found in their own keytabs under `version`; `nil`: they hold nothing.
  package init(
    of account: AccountName, nodes: [NodeName], adopting keys: AccountKeys?, version: KeyVersion, clock: ManualPolicyClock,
    trace: Chronicle<PortCall>
  ) {
    self.account = account
    self.clock = clock
    self.trace = trace
    var node = FakeNode()
    node.slots = keys.map { [Self.adopted($0, version: version, at: clock.now())] } ?? []
    state.withLock { state in for name in nodes { state.nodes[name] = node } }
  }

  private static func adopted(_ keys: AccountKeys, version: KeyVersion, at now: Date) -> FakeNode.Slot {
    FakeNode.Slot(
      report: SlotReport(
        rotation: .adopted(version), version: version, position: .latest,
        fingerprint: KeyFingerprint(of: keys, under: .random(count: 32)), encryptionTypes: keys.keys.map(\.encryptionType),
        setAt: now, isProven: false, retireAfter: nil), keys: keys)
  }

  /// One node as it stands.
  package subscript(_ node: NodeName) -> FakeNode { state.withLock { $0.nodes[node] ?? FakeNode() } }

  /// Changes how a node answers from now on.
  package func setTemper(of node: NodeName, to temper: FakeNode.Temper) { state.withLock { $0.nodes[node]?.temper = temper } }

  /// Gives a node a program that caches its keys, or takes that away.
  package func setConsumer(_ consumer: FakeConsumer?, of node: NodeName) {
    state.withLock { state in
      let held = state.nodes[node]?.reports.map(\.rotation) ?? []
      state.nodes[node]?.consumer = consumer
      state.nodes[node]?.consumer?.hold(held)
    }
  }

  /// Puts keys on a node from outside, as an administrator does who copies a keytab.
  package func emptySlots(of node: NodeName) { state.withLock { $0.nodes[node]?.slots = [] } }

  /// Every node names its keys under another secret from now on.
  package func welcome(under secret: SecretBytes) {
    state.withLock { state in
      for node in state.nodes.keys {
        for index in state.nodes[node]?.slots.indices ?? 0..<0 {
          guard let keys = state.nodes[node]?.slots[index].keys else { continue }
          state.nodes[node]?.slots[index].report.fingerprint = KeyFingerprint(of: keys, under: secret)
        }
      }
    }
  }

  /// Changes a slot that a node holds, by its place in the list.
  package func changeSlot(_ index: Int, of node: NodeName, _ change: (inout SlotReport, inout AccountKeys) -> Void) {
    state.withLock { state in
      guard var slot = state.nodes[node]?.slots[index] else { return }
      change(&slot.report, &slot.keys)
      state.nodes[node]?.slots[index] = slot
    }
  }

  /// Puts a staged slot on a node as another rotator would have, under an order of that one.
  package func stage(_ rotation: RotationID, version: KeyVersion, under epoch: Epoch, on node: NodeName) {
    let keys = ToyCryptography.keys(of: .random(count: 20), salt: "", encryptionTypes: [.aes256, .aes128])
    let report = SlotReport(
      rotation: rotation, version: version, position: .next,
      fingerprint: KeyFingerprint(of: keys, under: .random(count: 32)), encryptionTypes: keys.keys.map(\.encryptionType),
      setAt: clock.now(), isProven: false, retireAfter: nil)
    state.withLock { state in
      state.nodes[node]?.slots.insert(FakeNode.Slot(report: report, keys: keys), at: 0)
      state.nodes[node]?.epoch = epoch
      state.nodes[node]?.version = 1
    }
  }

  /// A node has carried out an order of another rotator, or of a store that is lost, which left its slots as they are.
  package func follow(_ epoch: Epoch, on node: NodeName) {
    state.withLock { state in
      state.nodes[node]?.epoch = epoch
      state.nodes[node]?.version = 1
    }
  }

  /// Ends a node's stream.
  package func detach(_ node: NodeName) {
    state.withLock { state in
      guard state.nodes[node]?.isAttached == true else { return }
      state.nodes[node]?.isAttached = false
      state.listener?.yield(.detached(node, reason: "the stream ended"))
    }
  }

  /// Lets a node dial in again.
  package func attach(_ node: NodeName) {
    state.withLock { state in
      state.nodes[node]?.isAttached = true
      announce(node, &state)
    }
  }

  /// Tells the rotator what a node measured of its clock.
  package func reportClock(of node: NodeName, offset: TimeInterval) {
    state.withLock { _ = $0.listener?.yield(.clockMeasured(node, offset: offset)) }
  }

  /// Lets the rotator hear whatever a test wants a node to have said.
  package func report(_ report: NodeReport, from node: NodeName) {
    state.withLock { _ = $0.listener?.yield(.reported(node, report)) }
  }

  /// Tells the rotator that somebody who claimed to be this node was refused.
  package func refuse(_ name: String, because fault: OperatorFault) {
    state.withLock { _ = $0.listener?.yield(.refused(name: name, fault)) }
  }

  /// A new stream of events, which begins with every attached node.
  package var events: AsyncStream<NodeEvent> {
    let (stream, listener) = AsyncStream.makeStream(of: NodeEvent.self)
    listen(listener)
    return stream
  }

  /// Tells a listener everything from now on, beginning with every attached node.
  ///
  /// - Parameter known: The nodes that it has been told of as attached.
  package func listen(_ listener: AsyncStream<NodeEvent>.Continuation, knowing known: Set<NodeName> = []) {
    state.withLock { state in
      state.listener?.finish()
      state.listener = listener
      for (node, fake) in state.nodes.sorted(by: { $0.key < $1.key }) where fake.isAttached {
        if known.contains(node) {
          listener.yield(.reported(node, fake.unaskedReport(of: account)))
        } else {
          announce(node, &state)
        }
      }
    }
  }

  private func announce(_ node: NodeName, _ state: inout State) {
    guard let fake = state.nodes[node] else { return }
    let since = clock.now()
    state.listener?.yield(
      .attached(
        NodeAttachment(
          node: node, installation: "installation-\(node)", agentVersion: "1", certificateFingerprint: "00",
          certificateNotAfter: since.addingTimeInterval(365 * 86_400), since: since)))
    state.listener?.yield(.reported(node, fake.unaskedReport(of: account)))
  }

  /// Lets the node follow the order and answers with its report.
  package func send(_ order: SlotOrder, to node: NodeName) async {
    let isAttached = state.withLock { state in
      guard state.nodes[node]?.isAttached == true else { return false }
      if let report = state.nodes[node]?.receive(order, as: node, at: clock.now()) {
        state.listener?.yield(.reported(node, report))
      }
      return true
    }
    if isAttached { trace.append(.ordered(node, order)) }
  }

  /// Lets the node try its keys.
  package func prove(
    _ request: [UInt8], for servicePrincipalName: ServicePrincipalName, of account: AccountName, on node: NodeName,
    isTrial: Bool, timeout: Duration
  ) async -> ProofAnswer {
    trace.append(isTrial ? .tried(node) : .challenged(node))
    let fake = self[node]
    guard fake.isAttached, fake.temper != .silent, fake.temper != .mute else {
      return ProofAnswer(outcome: .failure(OperatorFault(.unavailable, "node \(node)", "does not answer")), rotation: nil)
    }
    return fake.accept(request, on: node)
  }

  /// Lets the node's consumers load what they lack.
  package func grantConsumerTurn(to node: NodeName, drains: Bool) async {
    trace.append(.gaveTurn(node, drains: drains))
    state.withLock { state in
      guard state.nodes[node]?.isAttached == true, let report = state.nodes[node]?.takeTurn(for: account) else { return }
      state.listener?.yield(.reported(node, report))
    }
  }

  /// Writes down who was left behind.
  package func leaveBehind(_ node: NodeName, account: AccountName) async { trace.append(.leftBehind(node)) }

  /// Lets the node destroy its keys.
  package func decommission(_ node: NodeName, accounts: [AccountName]) async {
    state.withLock { state in
      guard state.nodes[node]?.isAttached == true, state.nodes[node]?.temper == .obedient else { return }
      state.nodes[node]?.slots = []
      for account in accounts {
        state.nodes[node].map { _ = state.listener?.yield(.reported(node, $0.unaskedReport(of: account))) }
      }
    }
  }

  /// Lets the node destroy its keys and forget what it has applied.
  package func removeKeys(of accounts: [AccountName], from node: NodeName) async {
    defer { trace.append(.toldToRemove(node)) }
    state.withLock { state in
      guard state.nodes[node]?.isAttached == true, state.nodes[node]?.temper == .obedient else { return }
      state.nodes[node]?.destroyKeys()
      for account in accounts {
        state.nodes[node].map { _ = state.listener?.yield(.reported(node, $0.unaskedReport(of: account))) }
      }
    }
  }

  /// Ends the node's stream.
  package func revoke(_ node: NodeName, at instant: Date) async { detach(node) }
}
