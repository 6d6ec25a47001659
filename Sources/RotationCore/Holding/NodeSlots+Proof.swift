package import Foundation

extension NodeSlots {
  /// Takes note that a domain controller's ticket under this kvno opened with the installed keytab.
  ///
  /// Among adopted keys the highest proven kvno becomes Latest and the others Retiring, with an end; the positions of ordered slots
  /// are the rotator's to change. A kvno that no slot has is ignored.
  ///
  /// - Returns: The rotation whose key opened the ticket.
  @discardableResult
  package mutating func ticketOpened(under version: KeyVersion, now: Date) -> RotationID? {
    guard let index = slots.firstIndex(where: { $0.version == version }) else { return nil }
    let wasProven = slots[index].isProven
    slots[index].isProven = true
    if applied == nil, !wasProven { arrangeAdopted(now: now) }
    return slots[index].rotation
  }

  private mutating func arrangeAdopted(now: Date) {
    let latest = slots.filter(\.isProven).map(\.version).max()
    for index in slots.indices {
      let isLatest = slots[index].version == latest
      slots[index].position = isLatest ? .latest : .retiring
      slots[index].retireAfter =
        isLatest ? nil : slots[index].retireAfter ?? now.addingTimeInterval(Self.unnamedSlotLifetime)
    }
  }
}
