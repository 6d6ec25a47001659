import Foundation
import RotationCore

// MARK: - What leaves a rotator

extension World {
  /// An order says one thing about each slot, and puts one key under each kvno.
  func checkForm(of order: SlotOrder, from process: RotatorProcess) {
    let rotations = order.slots.map(\.rotation)
    if Set(rotations).count < rotations.count || rotations.contains(where: order.drop.contains) {
      fail(.singleWriter, "\(process.site.name) gives an order that contradicts itself: \(order.summary)")
    }
    for (index, slot) in order.slots.enumerated() {
      let isShared = order.slots[..<index].contains { $0.version == slot.version && $0.fingerprint != slot.fingerprint }
      if isShared { fail(.oneKeyPerVersion, "\(process.site.name) orders two keys under one kvno: \(order.summary)") }
    }
  }

  /// A node that was revoked has no keys to get before it has a newer certificate.
  func checkIsTrusted(_ node: SimulatedNode, by process: RotatorProcess) {
    guard let record = process.site.disk.nodes[node.name], record.isRevoked, let revoked = record.revokedAt else { return }
    if node.certifiedAt <= revoked.timeIntervalSince(Names.start) {
      fail(.singleWriter, "\(process.site.name) sends keys to \(node.name), which was revoked")
    }
  }
}

// MARK: - What a store takes

extension World {
  /// Orders are counted: what is ordered under one number never changes, and the number never falls. A key's end, once it is counted down, is
  /// not moved.
  func checkSteps(from former: SlotLedger?, to ledger: SlotLedger?, on site: RotatorSite) {
    guard let before = former, let after = ledger, before.epoch > .zero, before != after else { return }
    let (place, next) = ((before.epoch, before.version), (after.epoch, after.version))
    if next < place { fail(.singleWriter, "\(site.name) goes back from order \(place) to \(next)") }
    if next == place, contents(of: before) != contents(of: after) {
      fail(.singleWriter, "\(site.name) orders other things under the number \(after.epoch)/\(after.version)")
    }
    for slot in after.slots {
      guard let earlier = before.slots.first(where: { $0.rotation == slot.rotation })?.superseded, let later = slot.superseded
      else { continue }
      if later != earlier { fail(.convergence, "\(site.name) counts the end of \(slot.rotation) down anew") }
    }
  }

  private func contents(of ledger: SlotLedger) -> SlotOrder? {
    ledger.order(
      for: Names.account, realm: Names.realm, held: [], present: [], policy: scenario.policy, nonce: [])
  }
}
