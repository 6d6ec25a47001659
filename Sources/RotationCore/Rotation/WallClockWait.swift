package import Foundation

/// A span of waiting on the wall clock that no step of the clock can stretch without bound.
package struct WallClockWait: Sendable, Equatable, Codable {
  /// When the waiting began.
  package let start: Date
  /// When it ends.
  package let end: Date

  /// Waits from one instant until another.
  package init(from start: Date, until end: Date) {
    self.start = start
    self.end = end
  }

  /// Whether the end has come, or the clock was set back by more than the whole wait: then how long it took cannot be known.
  package func isOver(at now: Date) -> Bool {
    now >= end || now < start.addingTimeInterval(-end.timeIntervalSince(start))
  }
}
