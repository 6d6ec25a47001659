import RotationCore

/// What a slot is to the ledger.
struct SlotCondition: Hashable, Comparable, CustomStringConvertible {
  /// What becomes of it.
  enum Place: String, CaseIterable {
    case unlisted = "not listed"
    case next = "Next"
    case latest = "Latest"
    case previous = "Previous"
    case retiring = "Retiring"
    case held
    case destroyed
    case dropped
  }

  var place: Place
  var isCountedDown = false
  var awaitsReplay = false

  init(of rotation: RotationID, in ledger: SlotLedger) {
    guard let slot = ledger.slots.first(where: { $0.rotation == rotation }) else {
      place = ledger.dropped.contains(rotation) ? .dropped : .unlisted
      return
    }
    place =
      switch (slot.state, ledger.position(of: rotation)) {
      case (.staged, _): .next
      case (.held, _): .held
      case (.destroyed, _): .destroyed
      case (.live, .latest): .latest
      case (.live, .previous): .previous
      case (.live, _): .retiring
      }
    guard place != .destroyed else { return }
    isCountedDown = slot.superseded != nil
    awaitsReplay = slot.awaitsReplay == true
  }

  var description: String {
    place.rawValue + (isCountedDown ? ", counted down" : "") + (awaitsReplay ? ", to be set again" : "")
  }

  static func < (left: SlotCondition, right: SlotCondition) -> Bool {
    (left.rank, left.description) < (right.rank, right.description)
  }

  private var rank: Int { Place.allCases.firstIndex(of: place) ?? 0 }
}
