/// Decides whether a node holds what it was ordered to hold: by its report and by checksums under the very keys.
struct OrderJudgement: Sendable {
  let settings: ManagedAccount
  let ledger: SlotLedger
  let store: any RotationStoring
  let node: NodeName
  let report: NodeReport
  /// The slot that an open rotation stages.
  let staged: RotationID?

  /// Why it does not; `nil` if it does.
  func problem() async -> String? {
    if let refusal = report.refusal, (refusal.epoch, refusal.version) == (ledger.epoch, ledger.version) {
      return refusal.message
    }
    guard (report.epoch, report.version) == (ledger.epoch, ledger.version) else { return "has not applied the last order" }
    if let keytab = report.keytabs.first(where: { $0.fault != nil }) { return "\(keytab.path): \(keytab.fault ?? "")" }
    // What steps aside for a key of the node's own is not missed before its password is to be set.
    for slot in ledger.holding where !slot.isKeyless && (slot.rotation == staged || !ledger.stepsAside(slot, for: report.slots))
    {
      do throws(OperatorFault) {
        if let problem = try await problem(with: slot) { return problem }
      } catch { return error.description }
    }
    return nil
  }

  private func problem(with slot: SlotLedger.Slot) async throws(OperatorFault) -> String? {
    guard let held = report.slots.first(where: { $0.rotation == slot.rotation }), held.version == slot.version,
      let fingerprint = slot.fingerprint, held.fingerprint == fingerprint
    else { return "does not hold kvno \(slot.version) as ordered\(obstacle(to: slot))" }
    guard let keys = try await store.secrets(of: slot.rotation, account: settings.name)?.keys else { return nil }
    let message = KeyChecksum.message(nonce: report.nonce, node: node, rotation: slot.rotation, fingerprint: fingerprint)
    for key in keys.keys {
      let checksum = report.checksums.first { $0.rotation == slot.rotation && $0.encryptionType == key.encryptionType }
      guard let checksum, await settings.tickets.verifies(checksum.bytes, over: message, with: key) else {
        return "gave no valid checksum with the installed key of kvno \(slot.version)"
      }
    }
    return nil
  }

  private func obstacle(to slot: SlotLedger.Slot) -> String {
    let other = report.slots.first { $0.version == slot.version && $0.rotation != slot.rotation }
    guard let other else { return "" }
    let end = other.retireAfter.map { " until \(RotationScheduler.text($0))" } ?? ""
    return ": it holds the key of rotation \(other.rotation) under that number\(end)"
  }
}
