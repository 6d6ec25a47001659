import Glibc

/// Replaces a small file as a whole: a reader sees the old contents or the new ones, never a part.
package struct FileReplacement: Sendable {
  /// What the system refused.
  package struct Failure: Error, Sendable, Equatable {
    /// What was tried, without a full stop.
    package let problem: String
    /// The system's reason, an `errno`.
    package let code: Int32

    /// The problem and the reason in one clause.
    package var description: String { "\(problem): \(String(cString: strerror(code)))" }
  }

  /// The file.
  package let path: String
  /// Its permission bits; its group is the directory's where that one is setgid, else the process's.
  package let mode: UInt32

  /// Names a file that need not exist yet.
  package init(path: String, mode: UInt32) {
    self.path = path
    self.mode = mode
  }

  /// Writes `contents` beside the file, flushes them, renames them over it and flushes the directory.
  ///
  /// - Throws: ``Failure``; the file then is as it was, or replaced without being sure to survive a power cut.
  package func write(_ contents: [UInt8]) throws(Failure) {
    // Left behind by a crash between creation and rename: never in force, and ours by its name.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot make \(temporary)") }
    do throws(Failure) {
      defer { close(descriptor) }
      try fill(descriptor, with: contents)
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let failure = failure("cannot be replaced")
      unlink(temporary)
      throw failure
    }
    try Self.flushDirectory(of: path)
  }

  /// Makes the names in the directory of `path` survive a power cut.
  ///
  /// - Throws: ``Failure``.
  package static func flushDirectory(of path: String) throws(Failure) {
    let directory = directory(of: path)
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(problem: "cannot open \(directory)", code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Failure(problem: "cannot flush \(directory)", code: errno) }
  }

  private var temporary: String { "\(path).new" }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func fill(_ descriptor: Int32, with contents: [UInt8]) throws(Failure) {
    var written = 0
    while written < contents.count {
      let count = contents.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), contents.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("cannot be written") }
      written += count
    }
    // Not by open's mode: the process's umask would take from it.
    guard fchmod(descriptor, mode) == 0 else { throw failure("cannot be given mode \(String(mode, radix: 8))") }
    guard fsync(descriptor) == 0 else { throw failure("cannot be flushed") }
  }

  private func failure(_ problem: String) -> Failure { Failure(problem: problem, code: errno) }
}
