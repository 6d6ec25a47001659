/// The domain controllers beside the writer: until one has been seen to issue tickets under a key, it may issue them under any older one, and
/// every older one is kept.
extension SlotLedger {
  /// The domain controllers that may still issue tickets under an older key than Latest, in the order in which they were written down.
  package var laggards: [String] { latest?.unconverged ?? [] }

  /// A domain controller issues tickets under this slot's key, and so under none that is older.
  ///
  /// - Returns: Whether it was one that this was not known of.
  @discardableResult
  package mutating func controllerConverged(_ name: String, on rotation: RotationID, at now: Supersession) -> Bool {
    guard let place = slots.firstIndex(where: { $0.rotation == rotation }) else { return false }
    return release(name, from: place, at: now)
  }

  /// A domain controller is gone: it issues nothing any more.
  ///
  /// - Returns: Whether anything was waiting for it.
  @discardableResult
  package mutating func controllerWasForgotten(_ name: String, at now: Supersession) -> Bool {
    release(name, from: slots.startIndex, at: now)
  }

  /// A domain controller issues tickets under this slot's key although it had been seen to issue under a newer one, or was not known of before:
  /// what had begun to be counted down is counted from its convergence.
  ///
  /// - Parameter rotation: The slot; `nil` if the key is none of these slots'.
  /// - Returns: Whether it was one that this was not known of.
  @discardableResult
  package mutating func controllerFellBehind(_ name: String, on rotation: RotationID?) -> Bool {
    let place = slots.firstIndex { $0.rotation == rotation } ?? slots.endIndex
    let newer = slots[..<place].indices.filter { slots[$0].isInDirectory && !slots[$0].awaits(name) }
    guard !newer.isEmpty else { return false }
    for index in newer {
      slots[index].unconverged = (slots[index].unconverged ?? []) + [name]
      slots[index].liveSince = nil
    }
    let settled = slots.firstIndex { $0.isSettled } ?? slots.endIndex
    for index in slots.indices where index <= settled && slots[index].keepsKey { slots[index].superseded = nil }
    version += 1
    return true
  }

  /// Counts everything down that is older than a key which every domain controller issues under.
  mutating func countDown(from now: Supersession) {
    guard let settled = slots.firstIndex(where: \.isSettled) else { return }
    if slots[settled].liveSince == nil { slots[settled].liveSince = now }
    for older in slots.indices where older > settled {
      slots[older].unconverged = nil
      if slots[older].superseded == nil { slots[older].superseded = now }
    }
  }

  private mutating func release(_ name: String, from place: Int, at now: Supersession) -> Bool {
    let before = slots
    for index in slots.indices where index >= place && slots[index].awaits(name) {
      let left = slots[index].unconverged?.filter { $0 != name } ?? []
      slots[index].unconverged = left.isEmpty ? nil : left
    }
    guard slots != before else { return false }
    countDown(from: now)
    version += 1
    return true
  }
}

extension SlotLedger.Slot {
  /// Whether the directory has had it as a password of ours.
  fileprivate var isInDirectory: Bool {
    state == .live && (committedEpoch != nil || !rotation.isAdopted) && awaitsReplay != true
  }

  /// Whether every domain controller is known to issue under it, or under a newer one.
  fileprivate var isSettled: Bool { isInDirectory && unconverged == nil }

  /// Whether its key exists and may have been used.
  fileprivate var keepsKey: Bool { state == .live || state == .held }

  fileprivate func awaits(_ name: String) -> Bool { unconverged?.contains(name) == true }
}
