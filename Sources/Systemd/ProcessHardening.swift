import CSystemd
import Glibc

/// What every daemon of the project does to itself before it touches a secret.
package enum ProcessHardening {
  /// New files are private, no core file is ever written, and other processes of the same user cannot read this one's memory.
  ///
  /// Each step is best effort: a sandbox that already forbids it must not stop the daemon.
  package static func apply() {
    umask(0o077)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = asa_forbid_dumps()
  }
}
