/// The fencing token of a claim: every claim and every fence takes a higher one.
///
/// The era is the high part and changes only with the writer; within an era the number counts up by one.
package struct Epoch: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// Counts changes of the writing domain controller.
  package let era: UInt32
  /// Counts claims and fences within the era.
  package let number: UInt64

  /// Makes an epoch from its parts.
  package init(era: UInt32, number: UInt64) {
    self.era = era
    self.number = number
  }

  /// Before the first claim.
  package static let zero = Epoch(era: 0, number: 0)

  /// The next one: in the same era, unless its numbers are used up.
  package var next: Epoch { number < .max ? Epoch(era: era, number: number + 1) : nextEra }

  /// The first one under another writer. There is none after the last: a claim at the same epoch is refused by every node.
  package var nextEra: Epoch { era < .max ? Epoch(era: era + 1, number: 1) : self }

  /// `era.number`.
  package var description: String { "\(era).\(number)" }

  /// Orders by era, then by number.
  package static func < (left: Epoch, right: Epoch) -> Bool { (left.era, left.number) < (right.era, right.number) }
}
