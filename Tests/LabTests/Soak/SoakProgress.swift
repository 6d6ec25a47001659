import Synchronization

/// What the parts of a long run tell one another: who rotates, who lets things fail, and who reports.
final class SoakProgress: Sendable {
  private struct State {
    var current: String?
    var faults: [SoakFault: Int] = [:]
    var attempts = 0
    var isAttempting = false
    var isWanted = false
    var holds = 0
    var isOver = false
  }

  private let state = Mutex(State())

  /// The fault that is there now.
  var current: String? { state.withLock { $0.current } }

  var faults: [SoakFault: Int] { state.withLock { $0.faults } }

  /// Whether the last fault is over.
  var isOver: Bool { state.withLock { $0.isOver } }

  func begin(_ draw: SoakDraw) {
    state.withLock { state in
      state.current = draw.description
      state.faults[draw.fault, default: 0] += 1
    }
  }

  func endFault() { state.withLock { $0.current = nil } }

  func end() { state.withLock { $0.isOver = true } }

  // MARK: Rotations

  var attempts: Int { state.withLock { $0.attempts } }

  /// Whether a rotation is wanted before its time; asking takes the wish away.
  func takeWish() -> Bool {
    state.withLock { state in
      defer { state.isWanted = false }
      return state.isWanted
    }
  }

  func wish() { state.withLock { $0.isWanted = true } }

  /// Whether a rotation may begin, which then has begun.
  func beginAttempt() -> Bool {
    state.withLock { state in
      guard state.holds == 0 else { return false }
      state.isAttempting = true
      return true
    }
  }

  func endAttempt() {
    state.withLock { state in
      state.isAttempting = false
      state.attempts += 1
    }
  }

  /// Lets none begin.
  func hold() { state.withLock { $0.holds += 1 } }

  func release() { state.withLock { $0.holds -= 1 } }

  /// Whether none has been begun and not ended.
  var isIdle: Bool { state.withLock { !$0.isAttempting } }
}
