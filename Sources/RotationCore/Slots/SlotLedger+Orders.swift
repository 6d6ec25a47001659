import Foundation

extension SlotLedger {
  /// The order for one node, without keys; `nil` before the first claim.
  ///
  /// - Parameters:
  ///   - held: What the node last said it holds: adopted keys are kept where they are, under the node's own fingerprint, and an adopted key
  ///     that stands under the kvno of one of ours is dropped in its favour.
  ///   - present: What it holds now.
  ///   - policy: Decides when keys may be destroyed.
  ///   - nonce: Sixteen fresh random bytes for the answer's checksums.
  package func order(
    for account: AccountName, realm: Realm, held: [SlotReport], present: [SlotReport], policy: RotationPolicy, nonce: [UInt8]
  ) -> SlotOrder? {
    guard let rotation, epoch > .zero else { return nil }
    let ordered = holding.filter { !stepsAside($0, for: present) }.compactMap { orderedSlot($0, held: held, policy: policy) }
    let kept = Set(ordered.map(\.rotation))
    let ours = Set(ordered.filter { !$0.rotation.isAdopted }.map(\.version))
    let displaced = held.filter { $0.rotation.isAdopted && ours.contains($0.version) && !kept.contains($0.rotation) }
    return SlotOrder(
      account: account, realm: realm, epoch: epoch, rotation: rotation, version: version,
      servicePrincipalNames: servicePrincipalNames, slots: ordered,
      drop: dropped.filter { !kept.contains($0) } + displaced.map(\.rotation).filter { !dropped.contains($0) }, nonce: nonce)
  }

  /// Whether a held key is left out of the order for a node that has another key under its kvno: so the node takes the order, which gives that
  /// other key an end, and refuses nobody until then.
  func stepsAside(_ slot: Slot, for present: [SlotReport]) -> Bool {
    slot.state == .held
      && present.contains { report in
        report.version == slot.version && report.rotation != slot.rotation && report.fingerprint != slot.fingerprint
          && !report.rotation.isAdopted && !dropped.contains(report.rotation)
      }
  }

  private func orderedSlot(_ slot: Slot, held: [SlotReport], policy: RotationPolicy) -> OrderedSlot? {
    let kept = held.first { $0.rotation == slot.rotation && $0.fingerprint == slot.fingerprint ?? $0.fingerprint }
    // A node that does not hold what the store cannot give either would refuse the whole order.
    guard let fingerprint = slot.isKeyless ? kept?.fingerprint : slot.fingerprint, let position = position(of: slot.rotation)
    else { return nil }
    return OrderedSlot(
      rotation: slot.rotation, version: slot.version, position: position, fingerprint: fingerprint, keys: nil,
      setAt: slot.setAt, committedEpoch: slot.committedEpoch, retireAfter: retireAfter(slot, policy: policy))
  }
}
