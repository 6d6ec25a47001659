import Foundation
import Synchronization

/// Measures one node's clock: a probe goes out, the answer carries the node's time, and half the round trip is allowed for.
final class ClockMeasurement: Sendable {
  private struct State {
    var lastID: UInt64 = 0
    var lastAnswered: UInt64 = 0
    var sent: (id: UInt64, at: ContinuousClock.Instant)?
  }

  private let state = Mutex(State())

  /// A number for the next probe.
  func makeID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Whether the newest probe has no answer yet, written or not.
  var isAwaited: Bool { state.withLock { $0.lastAnswered < $0.lastID } }

  /// The probe is about to be written.
  func probeLeft(_ id: UInt64, at instant: ContinuousClock.Instant) {
    state.withLock { $0.sent = (id, instant) }
  }

  /// The node's clock less ours in seconds; `nil` for an answer to any but the newest probe.
  func offset(of reading: Date, answering id: UInt64, at instant: ContinuousClock.Instant, ours: Date) -> TimeInterval? {
    state.withLock { state in
      guard let sent = state.sent, sent.id == id else { return nil }
      state.sent = nil
      state.lastAnswered = id
      return reading.timeIntervalSince(ours) + (instant - sent.at) / .seconds(1) / 2
    }
  }
}
