import Glibc

/// What is asked about the file system that a path is on.
package struct FileSystemStatus: Sendable, Equatable {
  /// The bytes that an ordinary process may still use.
  package let bytesFree: UInt64
  /// Whether it takes no writes.
  package let isReadOnly: Bool

  /// Asks about the file system of an existing path; `nil` with `errno` set if that fails.
  package init?(of path: String) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    bytesFree = UInt64(status.f_bavail) * UInt64(status.f_frsize)
    isReadOnly = UInt(status.f_flag) & UInt(ST_RDONLY) != 0
  }
}
