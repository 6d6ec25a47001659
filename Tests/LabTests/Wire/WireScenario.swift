/// One thing that the network can do to one of a rotation's writes, and what may come of it.
struct WireScenario: Hashable, Sendable, CustomStringConvertible {
  /// The writes of a rotation.
  enum Write: String, CaseIterable, Sendable {
    case claim, commit, fence

    /// The lengths of its sealed request. Nothing that the rotator reads with is as long; the password makes the commit the longest.
    var lengths: ClosedRange<Int> { self == .commit ? 600...760 : 340...385 }
  }

  /// What happens to the write.
  enum Mode: String, CaseIterable, Sendable {
    case cutBefore = "cut before it arrives"
    case cutInside = "cut in the middle"
    case cutAfter = "cut after it has left"
    case truncated = "truncated, the connection stays open"
    case delayed = "delayed"
    case answerDelayed = "its answer delayed"
    case swallowed = "swallowed"
    case answerSwallowed = "its answer swallowed"
    case answerCut = "its answer cut in the middle"
    case lateAfterGivingUp = "released when the rotator has given up waiting"
    case lateWithResend = "released together with its resend, in either order"
    case lateAfterKill = "released while a killed rotator resumes"
    case lateAfterRestart = "released after a killed rotator has finished"
    case lateAfterEnd = "released after the rotation has ended"
    case lateAfterFence = "released after the fence that took its place"
    case lateWithFence = "released together with the fence, in either order"
  }

  let write: Write
  let mode: Mode

  /// All that can be: a fence takes the place of the other two, not of itself, and only a commit can race with it.
  static let all: [WireScenario] = Write.allCases.flatMap { write in
    Mode.allCases.filter { mode in
      switch mode {
      case .lateAfterFence: write != .fence
      case .lateWithFence: write == .commit
      default: true
      }
    }.map { WireScenario(write: write, mode: $0) }
  }

  var description: String { "\(write.rawValue) \(mode.rawValue)" }

  /// Whether the password may have changed when all is over; `nil`: either way, as long as everything agrees.
  var changesPassword: Bool? {
    switch (write, mode) {
    case (.fence, _), (_, .lateAfterFence): false
    case (_, .lateWithFence): nil
    default: true
    }
  }
}
