import Foundation

@testable import RotationCore

/// Every way in which an event moves a slot of the ledger, found by feeding every kind of event to every reachable ledger.
///
/// Ledgers that differ only in names, instants and the kvnos' absolute values are one.
struct LedgerExploration {
  /// One line of the table.
  struct Row: Hashable, Comparable {
    var slot: SlotCondition
    var event: String
    var next: SlotCondition

    static func < (left: Row, right: Row) -> Bool {
      (left.slot, left.event, left.next) < (right.slot, right.event, right.next)
    }
  }

  private(set) var rows: Set<Row> = []

  init() {
    let start = LedgerVisit()
    var queue = [start]
    var seen: Set<Outline> = [Outline(start)]
    var position = 0
    while position < queue.count {
      let visit = queue[position]
      position += 1
      for stimulus in LedgerStimulus.all(for: visit) {
        var next = visit
        stimulus.happen(&next)
        guard next.ledger != visit.ledger else { continue }
        note(stimulus, from: visit, to: next)
        if seen.insert(Outline(next)).inserted { queue.append(next) }
      }
    }
  }

  private mutating func note(_ stimulus: LedgerStimulus, from visit: LedgerVisit, to next: LedgerVisit) {
    for rotation in visit.rotations.union(next.rotations) {
      let before = SlotCondition(of: rotation, in: visit.ledger)
      let after = SlotCondition(of: rotation, in: next.ledger)
      guard before != after else { continue }
      rows.insert(Row(slot: before, event: stimulus.label(rotation, visit.version(of: rotation)), next: after))
    }
  }
}

extension LedgerExploration {
  /// What of a ledger the next event can make a difference by.
  private struct Outline: Hashable {
    private var conditions: [SlotCondition]
    /// Each slot's kvno among those of the ledger.
    private var ranks: [Int?]
    private var destroyedCount: Int
    private var isAdopted: Bool
    private var isOpen: Bool
    private var isReplay: Bool

    init(_ visit: LedgerVisit) {
      let holding = visit.ledger.holding
      let versions = Set(holding.map(\.version)).sorted()
      conditions = holding.map { SlotCondition(of: $0.rotation, in: visit.ledger) }
      ranks = holding.map { versions.firstIndex(of: $0.version) }
      destroyedCount = visit.ledger.slots.count - holding.count
      isAdopted = visit.ledger.slots.allSatisfy(\.rotation.isAdopted)
      isOpen = visit.open != nil
      isReplay = visit.open?.replayed != nil
    }
  }
}
