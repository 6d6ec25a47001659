#if DEBUG
  package import Foundation
  import Glibc
  import Synchronization

  /// Faults that a test of the whole service puts in from outside. Debug builds only, and only with `ASA_FAULT_HOOKS=DIRECTORY`.
  ///
  /// | file in the directory | effect |
  /// |---|---|
  /// | `clock-offset`, `boot-offset` | seconds to add to the policy clock, and to CLOCK_BOOTTIME |
  /// | `block-scheduler` | every turn of the scheduler waits while the file exists |
  /// | `hold-at` | whoever reaches the boundary that it names waits until the file is gone; `held` then names it |
  /// | `kill-at` | the process takes the file away and kills itself at the boundary that it names |
  /// | `trace` | if it exists, a line for every boundary: microseconds of CLOCK_MONOTONIC and its name |
  ///
  /// `kill-at` holds a name, and may go on with a count (`before:prove 2`: the second time) and with a delay in microseconds
  /// (`recorded:staging +2500`: that long afterwards, whatever is being done then).
  package final class FaultHooks: Sendable {
    private struct Kill {
      var text: String
      var left: Int
    }

    private let directory: String
    private let offsets = Mutex<[String: Double]>([:])
    private let kill = Mutex<Kill?>(nil)

    /// The hooks that the environment asks for; `nil` if it asks for none.
    package init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
      guard let directory = environment["ASA_FAULT_HOOKS"], !directory.isEmpty else { return nil }
      self.directory = directory
    }

    /// Seconds to add to the policy clock: the number in the file `clock-offset`. While the file is absent or being rewritten the last one
    /// stands, since a clock that jumps to and fro is another fault than the one asked for.
    package var clockOffset: TimeInterval { offset(in: "clock-offset") }

    /// Seconds to add to CLOCK_BOOTTIME, from the file `boot-offset`.
    package var bootOffset: TimeInterval { offset(in: "boot-offset") }

    private func offset(in name: String) -> TimeInterval {
      let seconds = text(of: name).flatMap(Double.init)
      return offsets.withLock { offsets in
        if let seconds, seconds.isFinite { offsets[name] = seconds }
        return offsets[name] ?? 0
      }
    }

    /// Blocks the calling thread while the file `block-scheduler` exists.
    package func blockIfAsked() {
      while exists("block-scheduler") { usleep(100_000) }
    }

    /// Notes that a boundary was reached, and does there what the files ask for.
    package func reached(_ boundary: some CustomStringConvertible) {
      let name = boundary.description
      append(name)
      holdIfAsked(at: name)
      killIfAsked(at: name)
    }
  }

  extension FaultHooks {
    private func exists(_ name: String) -> Bool { access("\(directory)/\(name)", F_OK) == 0 }

    private func text(of name: String) -> String? {
      (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func append(_ name: String) {
      let descriptor = open("\(directory)/trace", O_WRONLY | O_APPEND | O_CLOEXEC)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      let line = Array("\(monotonicMicroseconds()) \(name)\n".utf8)
      _ = write(descriptor, line, line.count)
    }

    private func holdIfAsked(at name: String) {
      guard text(of: "hold-at") == name else { return }
      try? name.write(toFile: "\(directory)/held", atomically: true, encoding: .utf8)
      while text(of: "hold-at") == name { usleep(10_000) }
      unlink("\(directory)/held")
    }

    private func killIfAsked(at name: String) {
      guard let text = text(of: "kill-at"), let order = KillOrder(text), order.name == name else { return }
      let isDue = kill.withLock { kill in
        var current = kill?.text == text ? kill : nil
        current = current ?? Kill(text: text, left: order.count)
        current?.left -= 1
        kill = current
        return current?.left == 0
      }
      guard isDue else { return }
      unlink("\(directory)/kill-at")
      guard order.delay > 0 else { return die(because: name) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(order.delay)) { [self] in die(because: name) }
    }

    private func die(because name: String) {
      append("killed \(name)")
      Glibc.kill(getpid(), SIGKILL)
    }
  }

  /// What `kill-at` says.
  private struct KillOrder {
    var name: String
    var count = 1
    var delay = 0

    init?(_ text: String) {
      let words = text.split(separator: " ")
      guard let name = words.first else { return nil }
      self.name = String(name)
      for word in words.dropFirst() {
        guard let number = Int(word.drop { $0 == "+" }), number >= 0 else { return nil }
        if word.hasPrefix("+") { delay = number } else { count = number }
      }
    }
  }

  private func monotonicMicroseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }
#endif
