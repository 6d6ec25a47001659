import Foundation
import Glibc
import PosixStatus
import RotationCore
import SecretMemory

/// Replaces and reads small private files: a reader sees the old contents or the new, also after a power cut.
enum DurableFile {
  /// Writes `contents` beside `path` (`O_EXCL`, 0600), flushes it, renames it over `path` and flushes the directory.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate` or `.inputOutput`; `path` then is as it was.
  static func replace(_ path: String, with contents: SecretBytes) throws(OperatorFault) {
    let temporary = "\(path).new"
    // Left behind by a crash between creation and rename: never in force, and ours by its name.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fault(.cannotCreate, temporary, "cannot be created") }
    do throws(OperatorFault) {
      defer { close(descriptor) }
      try write(contents, to: descriptor, path: temporary)
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let failure = fault(.cannotCreate, path, "cannot be replaced")
      unlink(temporary)
      throw failure
    }
    try flushDirectory(of: path)
  }

  /// Encodes a record that is kept in one of these files; the same value always gives the same bytes.
  static func encoded(_ value: some Encodable, for path: String) throws(OperatorFault) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    do { return Array(try encoder.encode(value)) } catch {
      throw OperatorFault(.software, path, "cannot be encoded: \(error)")
    }
  }

  /// Reads a whole file that must be a regular file of the agent's own user (or of root) with no rights for anybody else; `nil` if there is none.
  ///
  /// - Throws: ``OperatorFault`` of kind `.permission` if others have rights, `.inputOutput` if it cannot be read, `.data` above `limit`.
  static func readPrivate(_ path: String, limit: Int) throws(OperatorFault) -> SecretBytes? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw fault(.inputOutput, path, "cannot be opened")
    }
    defer { close(descriptor) }
    try checkPrivate(descriptor, path: path)
    return try read(descriptor, path: path, limit: limit)
  }

  /// Reads the whole of an open regular file.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` above `limit` bytes, `.inputOutput` if it cannot be read.
  static func read(_ descriptor: Int32, path: String, limit: Int) throws(OperatorFault) -> SecretBytes {
    guard let status = FileStatus(descriptor: descriptor) else { throw fault(.inputOutput, path, "cannot be examined") }
    let size = status.size
    guard size <= limit else { throw OperatorFault(.data, path, "is larger than \(limit) bytes") }
    return try SecretBytes(count: size) { (bytes: UnsafeMutableRawBufferPointer) throws(OperatorFault) in
      var filled = 0
      while filled < size {
        let count = Glibc.read(descriptor, bytes.baseAddress?.advanced(by: filled), size - filled)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw fault(.inputOutput, path, "cannot be read whole") }
        filled += count
      }
    }
  }

  /// A fault that names `path` and what the system said.
  static func fault(_ kind: OperatorFault.Kind, _ path: String, _ problem: String) -> OperatorFault {
    OperatorFault(kind, path, "\(problem): \(String(cString: strerror(errno)))")
  }

  private static func checkPrivate(_ descriptor: Int32, path: String) throws(OperatorFault) {
    guard let status = FileStatus(descriptor: descriptor) else { throw fault(.inputOutput, path, "cannot be examined") }
    guard status.kind == .regular else { throw OperatorFault(.data, path, "is not a regular file") }
    guard status.isPrivate else {
      throw OperatorFault(
        .permission, path, "is owned or accessible by others (mode \(String(status.mode, radix: 8)))",
        remedy: "find out who may have read it, then chown it to the agent's user and chmod 600")
    }
  }

  private static func write(_ contents: SecretBytes, to descriptor: Int32, path: String) throws(OperatorFault) {
    try contents.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(OperatorFault) in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw fault(.inputOutput, path, "cannot be written") }
        written += count
      }
    }
    guard fsync(descriptor) == 0 else { throw fault(.inputOutput, path, "cannot be flushed to disk") }
  }

  private static func flushDirectory(of path: String) throws(OperatorFault) {
    let directory = (path as NSString).deletingLastPathComponent
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fault(.inputOutput, directory, "cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fault(.inputOutput, directory, "cannot be flushed to disk") }
  }
}
