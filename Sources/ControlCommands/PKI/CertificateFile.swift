import Foundation
import Glibc
import RotationCore

/// A file of the authority, written whole and durably: it appears under its name complete or not at all.
struct CertificateFile {
  /// The largest file that is read.
  static let largest = 1 << 20
  /// Its path.
  let path: String

  /// Whether something has that name.
  var exists: Bool { access(path, F_OK) == 0 }

  /// Writes the file under a temporary name and gives it its own.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`, also if it exists and `replacing` is false.
  func write(_ text: String, mode: mode_t, replacing: Bool) throws(OperatorFault) {
    let temporary = "\(path).new-\(getpid())"
    defer { unlink(temporary) }
    try Self.fill(temporary, text, mode)
    // link(2) refuses a name that is taken, rename(2) takes it over.
    let result = replacing ? rename(temporary, path) : link(temporary, path)
    guard result == 0 else { throw FileFault.creating(path, errno) }
    try Self.synchronizeDirectory(of: path)
  }

  /// Reads the whole file as text.
  ///
  /// - Throws: `OperatorFault` of kind `.noInput`, `.permission`, `.inputOutput`, or `.data` if it is too large or not text.
  func read() throws(OperatorFault) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.reading(path, errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: Self.largest + 1)
    var count = 0
    while count < bytes.count {
      let size = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count) }
      if size < 0 && errno == EINTR { continue }
      guard size >= 0 else { throw FileFault.reading(path, errno) }
      if size == 0 { break }
      count += size
    }
    guard count <= Self.largest, let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
      throw OperatorFault(.data, path, "is not a PEM file")
    }
    return text
  }

  /// Makes a directory that only its owner can enter, with those above it; one that exists is left as it is.
  ///
  /// - Throws: `OperatorFault` of kind `.cannotCreate`.
  static func makeDirectory(_ path: String) throws(OperatorFault) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw OperatorFault(.cannotCreate, path, "the directory cannot be created", remedy: "run asactl as root, or name another")
    }
  }

  private static func fill(_ path: String, _ text: String, _ mode: mode_t) throws(OperatorFault) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw FileFault.creating(path, errno) }
    defer { close(descriptor) }
    do { try Terminal.write(text, to: descriptor) } catch { throw FileFault.creating(path, EIO) }
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw FileFault.creating(path, errno) }
  }

  private static func synchronizeDirectory(of path: String) throws(OperatorFault) {
    let parent = (path as NSString).deletingLastPathComponent
    let descriptor = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFault.creating(path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFault.creating(path, errno) }
  }
}
