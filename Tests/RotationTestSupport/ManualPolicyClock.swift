package import Foundation
package import RotationCore
import Synchronization

/// A clock that stands still until a test moves it, and tells when somebody sleeps on it.
package final class ManualPolicyClock: PolicyClock {
  private struct State {
    var now: Date
    var boot: BootInstant
    var sleepers: [UInt64: (until: Date, alarm: AsyncStream<Never>.Continuation)] = [:]
    var nextSleeper: UInt64 = 0
  }

  private let state: Mutex<State>

  /// The instants that somebody has gone to sleep until, in order.
  package let sleeps = Chronicle<Date>()

  /// A clock that shows `now`, an hour after boot.
  package init(now: Date = Date(timeIntervalSince1970: 1_750_000_000)) {
    state = Mutex(State(now: now, boot: BootInstant(boot: "boot-1", seconds: 3600)))
  }

  /// What the clock shows.
  package func now() -> Date { state.withLock(\.now) }

  /// The reading of CLOCK_BOOTTIME.
  package func bootInstant() -> BootInstant { state.withLock(\.boot) }

  /// The time that work takes: the same as CLOCK_BOOTTIME here, for nothing is ever suspended.
  package func monotonicSeconds() -> Double { state.withLock(\.boot.seconds) }

  /// Lets time pass on both clocks and wakes those whose instant has come.
  package func advance(by seconds: TimeInterval) {
    state.withLock { $0.boot.seconds += seconds }
    set(to: now().addingTimeInterval(seconds))
  }

  /// Puts the clock into another boot, or another machine, that has been up for so long.
  package func reboot(as boot: String, upFor seconds: TimeInterval) {
    state.withLock { $0.boot = BootInstant(boot: boot, seconds: seconds) }
  }

  /// Sets the wall clock, forwards or back; CLOCK_BOOTTIME does not move. Everybody wakes, as ``PolicyClock/sleep(until:)`` permits.
  package func set(to instant: Date) {
    let alarms = state.withLock { state in
      let isSetBack = instant < state.now
      state.now = instant
      let due = state.sleepers.filter { isSetBack || $0.value.until <= instant }
      for sleeper in due.keys { state.sleepers[sleeper] = nil }
      return due.values.map(\.alarm)
    }
    for alarm in alarms { alarm.finish() }
  }

  /// Sleeps until a test has moved the clock far enough.
  package func sleep(until instant: Date) async throws {
    let (stream, alarm) = AsyncStream.makeStream(of: Never.self)
    let sleeper: UInt64? = state.withLock { state in
      guard state.now < instant else { return nil }
      state.nextSleeper += 1
      state.sleepers[state.nextSleeper] = (instant, alarm)
      return state.nextSleeper
    }
    guard let sleeper else { return }
    sleeps.append(instant)
    for await _ in stream {}
    state.withLock { $0.sleepers[sleeper] = nil }
    try Task.checkCancellation()
  }
}
