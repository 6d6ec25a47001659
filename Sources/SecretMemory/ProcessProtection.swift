import Glibc

/// Keeps what the process holds in memory and writes to disk from other users: no core files, no tracing, no group or world bits.
package enum ProcessProtection {
  // <linux/prctl.h>; a number because the header's macro is not always visible to Swift.
  private static let setDumpable: Int32 = 4

  /// Sets umask 0077, forbids core files, and makes the process undumpable, which also closes its memory to ptrace(2) by its own user.
  package static func apply() {
    umask(0o077)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    makeUndumpable()
  }

  // prctl(2) is variadic in the C library and so not imported. All its arguments are integers, which the calling conventions of x86-64
  // and arm64 Linux pass alike to variadic and plain functions.
  private static func makeUndumpable() {
    typealias ProcessControl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    guard let symbol = dlsym(nil, "prctl") else { return }
    _ = unsafeBitCast(symbol, to: ProcessControl.self)(setDumpable, 0, 0, 0, 0)
  }
}
