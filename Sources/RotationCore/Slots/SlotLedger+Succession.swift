import Foundation

/// What becomes of the slots when the domain controller that they were set on is gone for good.
extension SlotLedger {
  /// A rotation that was open then may have set its password there, by us or by whoever else has this store's plan: its key is kept.
  package mutating func wasStranded(_ plan: RotationPlan) {
    if let index = slots.firstIndex(where: { $0.rotation == plan.slot }) {
      if slots[index].state == .staged { slots[index].state = .held }
      return
    }
    slots.insert(Slot(planned: plan, state: .held), at: slots.startIndex)
  }

  /// Another domain controller takes its place and has only this kvno. It goes on issuing tickets under old keys until the passwords that it
  /// never got are set again, so no key is counted down before.
  package mutating func writerWasLost(successorHas version: KeyVersion) {
    for index in slots.indices {
      switch slots[index].state {
      case .staged, .destroyed: continue
      case .live, .held:
        slots[index].superseded = nil
        slots[index].awaitsReplay = slots[index].version > version ? true : nil
      }
    }
    self.version += epoch > .zero ? 1 : 0
  }

  /// The slot whose password is to be set again first: the oldest of them, since each takes the next kvno.
  package var nextReplay: Slot? { nextReplay(above: KeyVersion(0)) }

  /// The same where the directory has come to a kvno: what somebody else has set there since cannot be given again.
  func nextReplay(above version: KeyVersion) -> Slot? {
    holding.filter { $0.awaitsReplay == true && $0.version > version }.min { $0.version < $1.version }
  }
}
