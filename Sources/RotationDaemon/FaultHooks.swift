#if DEBUG
  package import Foundation
  import Glibc
  import Synchronization

  /// Faults that a test of the whole service puts in from outside. Debug builds only, and only with `ASA_FAULT_HOOKS=DIRECTORY`.
  package final class FaultHooks: Sendable {
    private let directory: String
    private let offset = Mutex(0.0)

    /// The hooks that the environment asks for; `nil` if it asks for none.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
      guard let directory = environment["ASA_FAULT_HOOKS"], !directory.isEmpty else { return nil }
      self.directory = directory
    }

    /// Seconds to add to the policy clock: the number in the file `clock-offset`. While the file is absent or being rewritten the last one
    /// stands, since a clock that jumps to and fro is another fault than the one asked for.
    package var clockOffset: TimeInterval {
      let text = try? String(contentsOfFile: "\(directory)/clock-offset", encoding: .utf8)
      let seconds = text.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      return offset.withLock { offset in
        if let seconds, seconds.isFinite { offset = seconds }
        return offset
      }
    }

    /// Blocks the calling thread while the file `block-scheduler` exists.
    package func blockIfAsked() {
      while access("\(directory)/block-scheduler", F_OK) == 0 { usleep(100_000) }
    }
  }
#endif
