import Glibc
import RotationCore

/// Holds the store against a second daemon for as long as it lives. The kernel drops it with the process, however that ends.
final class StoreLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock of a directory.
  ///
  /// - Throws: ``OperatorFault`` of kind `.temporary`, naming the holder, if another process (or store) holds it.
  init(of directory: StoreDirectory) throws(OperatorFault) {
    let descriptor = try directory.open("lock", O_CREAT)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = Self.holder(descriptor)
      close(descriptor)
      throw OperatorFault(
        .temporary, "store directory \(directory.path)", "is in use by \(holder)",
        remedy: "stop that one, or give this one a directory of its own")
    }
    let line = Array("\(getpid())\n".utf8)
    // For people only: what counts is the lock, so a full disk is no reason to refuse.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  private static func holder(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    let digits = buffer.prefix(max(count, 0)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
  }
}

/// Whether the store is somebody's while it is examined.
enum StoreTenure {
  /// Nobody uses it, and nobody will while this value lives.
  case ours(StoreLock)
  /// Another process does.
  case theirs(String)
  /// Its lock cannot be taken or asked for, as on a read-only file system.
  case unknown

  init(of directory: StoreDirectory) {
    do throws(OperatorFault) {
      self = .ours(try StoreLock(of: directory))
    } catch {
      self = error.kind == .temporary ? .theirs(error.problem) : .unknown
    }
  }
}
