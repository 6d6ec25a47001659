import Foundation
import RotationCore

/// What leaves a rotator.
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
