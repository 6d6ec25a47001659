import Glibc

/// What is asked about files, apart from their contents.
///
/// In a module of its own that imports the C library alone: beside Foundation or Dispatch the compiler attributes the members of `struct stat`
/// to whichever C module it happened to load first.
package struct FileStatus: Sendable, Equatable {
  /// The kinds of file that callers tell apart.
  package enum Kind: Sendable {
    /// A regular file.
    case regular
    /// A directory.
    case directory
    /// A Unix socket.
    case socket
    /// A link, a device, a pipe.
    case other
  }

  /// What kind of file it is.
  package let kind: Kind
  /// The permission bits, 0 to 0o7777.
  package let mode: UInt32
  /// The owning user.
  package let user: UInt32
  /// The owning group.
  package let group: UInt32
  /// Its length in bytes.
  package let size: Int
  /// The device that it is on.
  package let device: UInt
  /// Its inode number.
  package let inode: UInt

  /// Looks at what `path` names, without following a link; `nil` with `errno` set if that fails.
  package init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Looks at what `path` leads to; `nil` with `errno` set if that fails.
  package init?(followingLinksFrom path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Looks at an open file; `nil` with `errno` set if that fails.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Looks at an entry of an open directory, without following a link; `nil` with `errno` set if that fails.
  package init?(entry name: String, ofDirectory descriptor: Int32) {
    var status = stat()
    guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    self.init(status)
  }

  /// Whether nobody but root and this process's user can have read or changed it.
  package var isPrivate: Bool { [0, geteuid()].contains(user) && mode & 0o077 == 0 }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFSOCK: .socket
      default: .other
      }
    mode = status.st_mode & 0o7777
    user = status.st_uid
    group = status.st_gid
    size = Int(status.st_size)
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
  }
}
