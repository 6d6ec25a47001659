import Glibc
import PosixStatus
import RotationCore

/// The directory of the store: its owner's alone.
struct StoreDirectory {
  /// The name of the database in it.
  static let databaseName = "rotator.db"

  let path: String
  private let owner: FileStatus

  /// The path of the database.
  var database: String { file(Self.databaseName) }

  /// Makes the directory if it is absent and checks that nobody else can look into it.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`, `.configuration` or `.permission`.
  init(preparing path: String) throws(OperatorFault) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw OperatorFault(
        .cannotCreate, "store directory \(path)", "cannot be made: \(String(cString: strerror(errno)))",
        remedy: "make it, owned by the service user with mode 0700")
    }
    try self.init(path, users: [geteuid()])
  }

  /// Takes an existing directory as its owner, or as root, who leaves what it makes in there to the owner.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput`, `.configuration` or `.permission`.
  init(existing path: String) throws(OperatorFault) {
    if access(path, F_OK) != 0, errno == ENOENT {
      throw OperatorFault(
        .noInput, "store directory \(path)", "does not exist",
        remedy: "name the right configuration with --config; a rotator that was never started has no store")
    }
    try self.init(path, users: geteuid() == 0 ? nil : [geteuid()])
  }

  private init(_ path: String, users: Set<UInt32>?) throws(OperatorFault) {
    self.path = path
    // Through links: systemd makes the StateDirectory= of a dynamic user a symbolic link.
    owner = try Self.checkPrivate(
      path, FileStatus(followingLinksFrom: path), what: "store directory", kind: .directory, mode: "0700", users: users)
  }

  /// The path of a file of the store.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes an empty file with mode 0600 if it is absent, before SQLite would make it with a mode of its own, and checks it.
  /// SQLite gives `-wal` and `-shm` the mode of the database.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`, `.configuration` or `.permission`.
  func prepareFile(_ name: String) throws(OperatorFault) {
    let descriptor = try open(name, O_CREAT)
    defer { close(descriptor) }
    try check(name, FileStatus(descriptor: descriptor))
  }

  /// Checks that an existing file is its owner's alone.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput`, `.configuration` or `.permission`.
  func checkFile(_ name: String) throws(OperatorFault) {
    let status = FileStatus(path: file(name))
    guard status != nil || errno != ENOENT else {
      throw OperatorFault(
        .noInput, "store file \(file(name))", "does not exist",
        remedy:
          "bring back the newest backup ('asactl store restore FILE'), or start with an empty store and adopt the nodes' keys ('asactl credential adopt')"
      )
    }
    try check(name, status)
  }

  private func check(_ name: String, _ status: FileStatus?) throws(OperatorFault) {
    _ = try Self.checkPrivate(file(name), status, what: "store file", kind: .regular, mode: "0600", users: [owner.user])
  }

  /// Opens a file for reading and writing, with mode 0600 if it has to be made; the caller closes it.
  ///
  /// - Parameter flags: `O_CREAT`, with or without `O_EXCL`.
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  func open(_ name: String, _ flags: Int32) throws(OperatorFault) -> Int32 {
    let descriptor = Glibc.open(file(name), O_RDWR | flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw OperatorFault(
        .cannotCreate, "store file \(file(name))", "cannot be opened: \(String(cString: strerror(code)))",
        remedy: code == EROFS ? "mount its file system for writing" : "let the service user write to \(path)")
    }
    if geteuid() == 0, owner.user != 0, FileStatus(descriptor: descriptor)?.user == 0 {
      _ = fchown(descriptor, owner.user, owner.group)
    }
    return descriptor
  }

  /// Makes the names of new files survive a power loss.
  func synchronize() { try? FileReplacement.flushDirectory(of: database) }

  private static func checkPrivate(
    _ path: String, _ status: FileStatus?, what: String, kind: FileStatus.Kind, mode: String, users: Set<UInt32>?
  ) throws(OperatorFault) -> FileStatus {
    guard let status else {
      throw OperatorFault(.permission, "\(what) \(path)", "cannot be examined: \(String(cString: strerror(errno)))")
    }
    guard status.kind == kind else {
      throw OperatorFault(
        .configuration, "\(what) \(path)", "is something else", remedy: "move it away, or name another directory")
    }
    guard users?.contains(status.user) ?? true else {
      throw OperatorFault(
        .permission, "\(what) \(path)", "belongs to uid \(status.user), not to uid \(users?.first ?? 0)",
        remedy: "chown it to the service user")
    }
    guard status.mode & 0o077 == 0 else {
      throw OperatorFault(
        .configuration, "\(what) \(path)", "is accessible to others", remedy: "chmod \(mode) it once nobody else needs it")
    }
    return status
  }
}
