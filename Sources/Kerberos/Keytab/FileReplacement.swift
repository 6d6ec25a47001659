import Glibc
import PosixStatus
import RotationCore
import SecretMemory

/// The atomic replacement of one file: a new file in the same folder, finished and on disk, then renamed over the old one.
struct FileReplacement: ~Copyable {
  private let folder: FileDescriptor
  private let name: String
  private let subject: String
  private let former: FileStatus?

  /// One fixed name: what a crash left behind, keys included, is found and removed by the next replacement.
  private var temporaryName: String { ".\(name).asa-new" }

  init(of path: String, subject: String) throws(OperatorFault) {
    let (folderPath, name) = Self.split(path)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw OperatorFault(.cannotCreate, subject, "is not the path of a file")
    }
    guard let folder = FileDescriptor(open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else {
      throw .replacing(subject, "its folder \(folderPath) cannot be opened", errno)
    }
    former = try Self.existing(name, in: folder.number, subject)
    self.folder = folder
    self.name = name
    self.subject = subject
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  private static func existing(_ name: String, in folder: Int32, _ subject: String) throws(OperatorFault) -> FileStatus? {
    guard let status = FileStatus(entry: name, ofDirectory: folder) else {
      if errno == ENOENT { return nil }
      throw .replacing(subject, "cannot be examined", errno)
    }
    guard status.kind == .regular else {
      throw OperatorFault(
        .cannotCreate, subject, "is not a regular file, so it is left alone", remedy: "name the file itself, not a link to it")
    }
    return status
  }

  consuming func perform(with contents: SecretBytes, ownership: FileOwnership) throws(OperatorFault) {
    let file = try makeTemporary()
    do throws(OperatorFault) {
      try write(contents, to: file)
      try finish(file, ownership)
      guard renameat(folder.number, temporaryName, folder.number, name) == 0 else {
        throw .replacing(subject, "cannot be replaced", errno)
      }
    } catch {
      unlinkat(folder.number, temporaryName, 0)
      throw error
    }
    guard fsync(folder.number) == 0 else { throw .replacing(subject, "its folder cannot be brought to disk", errno) }
  }

  private func makeTemporary() throws(OperatorFault) -> FileDescriptor {
    if let file = createTemporary() { return file }
    // A leftover of a crash, or something planted: removed by name, never opened.
    if errno == EEXIST, unlinkat(folder.number, temporaryName, 0) == 0, let file = createTemporary() { return file }
    throw .replacing(subject, "no new file can be made in its folder", errno)
  }

  private func createTemporary() -> FileDescriptor? {
    FileDescriptor(openat(folder.number, temporaryName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
  }

  private func write(_ contents: SecretBytes, to file: borrowing FileDescriptor) throws(OperatorFault) {
    let number = file.number
    let subject = subject
    try contents.withUnsafeBytes { (bytes) throws(OperatorFault) in
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let count = retryingInterrupted { Glibc.write(number, part.baseAddress, part.count) }
        guard count > 0 else { throw .replacing(subject, "cannot be written", errno) }
        rest = rest.dropFirst(count)
      }
    }
  }

  private func finish(_ file: borrowing FileDescriptor, _ ownership: FileOwnership) throws(OperatorFault) {
    // The mode before the owner: afterwards the file is somebody else's, and changing its mode would take one more capability.
    guard fchmod(file.number, ownership.mode) == 0 else { throw .replacing(subject, "its mode cannot be set", errno) }
    try setOwner(of: file, ownership)
    guard fsync(file.number) == 0 else { throw .replacing(subject, "cannot be brought to disk", errno) }
  }

  private func setOwner(of file: borrowing FileDescriptor, _ ownership: FileOwnership) throws(OperatorFault) {
    guard let created = FileStatus(descriptor: file.number) else { throw .replacing(subject, "cannot be examined", errno) }
    let user = ownership.user ?? former?.user ?? created.user
    let group = ownership.group ?? former?.group ?? created.group
    guard user != created.user || group != created.group else { return }
    guard fchown(file.number, user, group) == 0 else {
      throw .replacing(subject, "cannot be given to user \(user) and group \(group)", errno)
    }
  }
}

extension OperatorFault {
  fileprivate static func replacing(_ subject: String, _ problem: String, _ code: Int32) -> OperatorFault {
    let problem = "\(problem): \(String(cString: strerror(code)))"
    return switch code {
    case EACCES, EPERM:
      OperatorFault(.permission, subject, problem, remedy: "let user \(geteuid()) write in its folder, or run as another user")
    case ENOENT, ENOTDIR, EROFS, EISDIR, ELOOP, ENAMETOOLONG:
      OperatorFault(.cannotCreate, subject, problem, remedy: "check the path")
    default: OperatorFault(.inputOutput, subject, problem)
    }
  }
}
