// In a target that sees Foundation, the compiler attributes the members of `struct stat` to this module.
import CoreFoundation
import Glibc

/// What the agent asks about files, apart from their contents.
struct FileStatus {
  /// Whether it is a regular file, not a link, a directory or a device.
  let isRegular: Bool
  /// Whether it is a directory.
  let isDirectory: Bool
  /// The permission bits.
  let mode: UInt32
  /// The owning user.
  let user: UInt32
  /// The owning group.
  let group: UInt32
  /// Its length in bytes.
  let size: Int

  /// Looks at what `path` names, without following a link; `nil` with `errno` set if that fails.
  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Looks at an open file; `nil` with `errno` set if that fails.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    mode = status.st_mode & 0o7777
    user = status.st_uid
    group = status.st_gid
    size = Int(status.st_size)
  }

  /// Whether nobody but root and this process's user can have read or changed it.
  var isPrivate: Bool { [0, geteuid()].contains(user) && mode & 0o077 == 0 }
}
