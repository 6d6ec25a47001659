import Glibc

extension Duration {
  /// Whole milliseconds, never negative.
  var wholeMilliseconds: Int64 { max(0, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }

  /// The form that sockets and libldap take; at least a millisecond, because zero would mean "for ever" or "do not wait".
  var timeval: Glibc.timeval {
    let milliseconds = max(1, wholeMilliseconds)
    return Glibc.timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000 * 1000))
  }
}
