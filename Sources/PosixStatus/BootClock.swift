import Glibc

/// CLOCK_BOOTTIME: it never jumps, and counts through suspend.
package enum BootClock {
  /// Seconds since the machine was started.
  package static var seconds: Double { reading(of: CLOCK_BOOTTIME) }
}

/// CLOCK_MONOTONIC: it never jumps, and stands still while the machine is suspended.
package enum MonotonicClock {
  /// Seconds since some instant before the process began.
  package static var seconds: Double { reading(of: CLOCK_MONOTONIC) }
}

private func reading(of clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
