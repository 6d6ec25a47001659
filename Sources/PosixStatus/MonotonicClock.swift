import Glibc

/// CLOCK_MONOTONIC: it never jumps, and stands still while the machine is suspended.
package enum MonotonicClock {
  /// Seconds since some instant before the process was started.
  package static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
