import PosixStatus
import Synchronization

/// When each rotator was last heard of. One that is attached and says nothing may be out of reach without anybody having been told.
package final class RotatorContact: Sendable {
  private let rotators: [String]
  private let heard = Mutex<[String: Double]>([:])

  /// Nobody was heard of yet.
  package init(rotators: [String]) { self.rotators = rotators }

  /// A message came.
  func heard(of rotator: String) { heard.withLock { $0[rotator] = MonotonicClock.seconds } }

  /// The stream is gone.
  func ended(with rotator: String) { heard.withLock { $0[rotator] = nil } }

  /// Whether some rotator was not heard of for so long, in seconds.
  func isSilent(for seconds: Double) -> Bool {
    let now = MonotonicClock.seconds
    return heard.withLock { heard in rotators.contains { now - (heard[$0] ?? -.infinity) > seconds } }
  }

  /// For how long a rotator was not heard of, in seconds; `nil` if no stream leads to it.
  func silence(of rotator: String) -> Double? {
    heard.withLock { $0[rotator] }.map { MonotonicClock.seconds - $0 }
  }
}
