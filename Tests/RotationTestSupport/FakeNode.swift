import Foundation
package import RotationCore

/// One node agent in miniature: it holds keys, follows orders by the rules of the protocol, and answers.
package struct FakeNode: Sendable {
  /// How it answers.
  package enum Temper: Sendable, Equatable {
    /// As it should.
    case obedient
    /// It refuses every order.
    case refusing(String)
    /// It carries out nothing and says nothing.
    case silent
    /// It says that it holds the keys without holding them.
    case lying
    /// It holds the keys but does not accept tickets.
    case rejectingTickets
    /// It says that it accepted a ticket that it cannot open.
    case boasting
    /// It follows orders and leaves tickets unanswered.
    case mute
  }

  struct Slot: Sendable {
    var report: SlotReport
    var keys: AccountKeys

    func clashes(with other: Slot) -> Bool { report.version == other.report.version && keys.keys != other.keys.keys }
  }

  /// How it answers.
  package var temper: Temper = .obedient
  var isAttached = true
  /// The epoch of the last order that it followed.
  package internal(set) var epoch: Epoch = .zero
  /// The version of that order.
  package internal(set) var version: UInt64 = 0
  var slots: [Slot] = []
  /// A program that caches the keys; it has loaded those that the node held when it was given its turn last.
  package var consumer: FakeConsumer?

  /// The kvnos that it holds, by rotation.
  package var held: [RotationID: KeyVersion] {
    Dictionary(slots.map { ($0.report.rotation, $0.report.version) }, uniquingKeysWith: { first, _ in first })
  }

  /// What it reports that it holds.
  package var reports: [SlotReport] { slots.map(\.report) }

  mutating func receive(_ order: SlotOrder, as node: NodeName, at now: Date) -> NodeReport? {
    switch temper {
    case .silent: return nil
    case .refusing(let message): return report(order, as: node, refusal: (.other, message))
    case .obedient, .lying, .rejectingTickets, .boasting, .mute: break
    }
    if (order.epoch, order.version) < (epoch, version) { return report(order, as: node, refusal: (.stale, "stale")) }
    for slot in order.slots where slot.keys == nil && !slots.contains(where: { $0.report.rotation == slot.rotation }) {
      return report(order, as: node, refusal: (.unknownSlot, "no keys for \(slot.rotation)"))
    }
    let result = result(of: order, at: now)
    for (index, slot) in result.enumerated() where result[..<index].contains(where: slot.clashes) {
      return report(order, as: node, refusal: (.versionHeldByAnotherKey, "kvno \(slot.report.version) is held twice"))
    }
    (epoch, version, slots) = (order.epoch, order.version, result)
    consumer?.hold(result.map(\.report.rotation))
    return report(order, as: node, refusal: nil)
  }

  private func result(of order: SlotOrder, at now: Date) -> [Slot] {
    let named = Set(order.slots.map(\.rotation)).union(order.drop)
    var unnamed = slots.filter { !named.contains($0.report.rotation) }
    for index in unnamed.indices {
      unnamed[index].report.position = .retiring
      unnamed[index].report.retireAfter =
        unnamed[index].report.retireAfter ?? now.addingTimeInterval(NodeSlots.unnamedSlotLifetime)
    }
    return order.slots.compactMap { slot in fill(slot) } + unnamed
  }

  private func fill(_ ordered: OrderedSlot) -> Slot? {
    let before = slots.first { $0.report.rotation == ordered.rotation }
    guard let keys = ordered.keys ?? before?.keys else { return nil }
    return Slot(
      report: SlotReport(
        rotation: ordered.rotation, version: ordered.version, position: ordered.position, fingerprint: ordered.fingerprint,
        encryptionTypes: keys.keys.map(\.encryptionType), setAt: ordered.setAt, isProven: before?.report.isProven ?? false,
        retireAfter: ordered.retireAfter), keys: keys)
  }

  func report(_ order: SlotOrder, as node: NodeName, refusal: (OrderRefusal.Reason, String)?) -> NodeReport {
    var report = unaskedReport(of: order.account)
    report.refusal = refusal.map { OrderRefusal($0, $1, epoch: order.epoch, version: order.version) }
    report.nonce = order.nonce
    report.checksums = slots.flatMap { slot in
      let message = KeyChecksum.message(
        nonce: order.nonce, node: node, rotation: slot.report.rotation, fingerprint: slot.report.fingerprint)
      return slot.keys.keys.map { key in
        KeyChecksum(
          rotation: slot.report.rotation, encryptionType: key.encryptionType,
          bytes: temper == .lying ? [0] : ToyCryptography.tag(message, with: key))
      }
    }
    return report
  }

  func unaskedReport(of account: AccountName) -> NodeReport {
    NodeReport(
      account: account, epoch: epoch, version: version, refusal: nil, slots: reports, checksums: [], nonce: [],
      keytabs: [KeytabReport(path: "/etc/krb5.keytab", fault: nil)], consumers: consumer.map { [$0.report] } ?? [])
  }

  /// Forgets everything that orders have brought.
  mutating func destroyKeys() { (epoch, version, slots) = (.zero, 0, []) }

  /// Lets the consumer load what the node holds; `nil` if it takes for ever.
  mutating func takeTurn(for account: AccountName) -> NodeReport? {
    guard consumer?.takeTurn() == true else { return nil }
    return unaskedReport(of: account)
  }

  /// Opens a toy AP-REQ with whatever it holds. It does not report that the key is proven now: the answer is all that the rotator gets.
  func accept(_ request: [UInt8], on node: NodeName) -> ProofAnswer {
    let toy = ToyTicketRequest(request)
    if temper == .boasting { return ProofAnswer(outcome: .success([0]), rotation: slots.first?.report.rotation) }
    for slot in slots {
      guard temper != .rejectingTickets, let key = slot.keys.keys.first(where: { toy.opens(with: $0) }) else { continue }
      return ProofAnswer(outcome: .success(toy.reply(with: key)), rotation: slot.report.rotation)
    }
    return ProofAnswer(outcome: .failure(OperatorFault(.data, "node \(node)", "no key opens the ticket")), rotation: nil)
  }
}
