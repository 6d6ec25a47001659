import Dispatch
import Synchronization

/// Waits for calls that block and know no timeout, such as those of the resolver, but not for ever.
enum BoundedWait {
  /// Runs `body` on a thread that may block. When the time is up that thread is left behind, and ends by itself.
  ///
  /// - Returns: What it gave; `nil` if it took too long.
  static func result<Value: Sendable>(
    _ label: String, within limit: Duration, of body: @escaping @Sendable () -> Value
  ) async -> Value? {
    await withCheckedContinuation { continuation in
      let answer = FirstAnswer<Value>(continuation)
      // Queues of their own: the global ones have a bounded number of threads, which abandoned calls must not use up.
      DispatchQueue(label: label).async { answer.give(body()) }
      let end = DispatchTime.now() + .milliseconds(Int(limit / .milliseconds(1)))
      DispatchQueue(label: "\(label) limit").asyncAfter(deadline: end) { answer.give(nil) }
    }
  }
}

/// Lets the first of two answers through.
private final class FirstAnswer<Value: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Value?, Never>?>

  init(_ continuation: CheckedContinuation<Value?, Never>) { self.continuation = Mutex(continuation) }

  func give(_ value: Value?) { continuation.withLock { $0.take() }?.resume(returning: value) }
}
