import Glibc
import PosixStatus
import RotationCore

/// The directory of the store: ours alone.
struct StoreDirectory {
  let path: String

  /// Makes the directory if it is absent and checks that nobody else can look into it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`, `.configuration` or `.permission`.
  init(preparing path: String) throws(OperatorFault) {
    self.path = path
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw OperatorFault(
        .cannotCreate, "store directory \(path)", "cannot be made: \(String(cString: strerror(errno)))",
        remedy: "make it, owned by the service user with mode 0700")
    }
    // Through links: systemd makes the StateDirectory= of a dynamic user a symbolic link.
    let status = FileStatus(followingLinksFrom: path)
    try Self.checkPrivate(path, status, what: "store directory", kind: .directory, mode: "0700")
  }

  /// The path of a file of the store.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes an empty file with mode 0600 if it is absent, before SQLite would make it with a mode of its own, and checks it.
  /// SQLite gives `-wal` and `-shm` the mode of the database.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`, `.configuration` or `.permission`.
  func prepareFile(_ name: String) throws(OperatorFault) {
    let descriptor = try open(name)
    defer { close(descriptor) }
    try Self.checkPrivate(
      file(name), FileStatus(descriptor: descriptor), what: "store file", kind: .regular, mode: "0600")
  }

  /// Opens a file for reading and writing, with mode 0600 if it has to be made; the caller closes it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  func open(_ name: String) throws(OperatorFault) -> Int32 {
    let descriptor = Glibc.open(file(name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      throw OperatorFault(
        .cannotCreate, "store file \(file(name))", "cannot be opened: \(String(cString: strerror(errno)))",
        remedy: "let the service user write to \(path)")
    }
    return descriptor
  }

  /// Makes the names of new files survive a power loss.
  func synchronize() {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  private static func checkPrivate(
    _ path: String, _ status: FileStatus?, what: String, kind: FileStatus.Kind, mode: String
  ) throws(OperatorFault) {
    guard let status else {
      throw OperatorFault(.permission, "\(what) \(path)", "cannot be examined: \(String(cString: strerror(errno)))")
    }
    guard status.kind == kind else {
      throw OperatorFault(
        .configuration, "\(what) \(path)", "is something else", remedy: "move it away, or name another directory")
    }
    guard status.user == geteuid() else {
      throw OperatorFault(
        .permission, "\(what) \(path)", "belongs to uid \(status.user), not to uid \(geteuid())",
        remedy: "chown it to the service user")
    }
    guard status.mode & 0o077 == 0 else {
      throw OperatorFault(
        .configuration, "\(what) \(path)", "is accessible to others", remedy: "chmod \(mode) it once nobody else needs it")
    }
  }
}
