import Glibc

/// CLOCK_BOOTTIME: it never jumps, and counts through suspend.
package enum BootClock {
  /// Seconds since the machine was started.
  package static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
