import Glibc

/// Bytes that must not leave the process by accident: a password, a key, the store's sealing key.
///
/// One allocation that is never reallocated, wiped over its whole capacity when the last reference goes, kept out of core
/// files (`MADV_DONTDUMP`) and, where `RLIMIT_MEMLOCK` permits, out of swap. Every textual rendering, including
/// `dump(_:)` and string interpolation, is redacted. The bytes are reachable only inside a closure; copying them into an
/// `Array`, `Data` or `String` defeats the type and is a bug at the call site.
package final class SecretBytes: Sendable {
  /// The number of bytes held.
  package let count: Int
  private let region: SecretRegion

  /// Makes `count` bytes and lets `initializer` fill them in place.
  ///
  /// - Parameters:
  ///   - count: The exact number of bytes; zero is allowed.
  ///   - initializer: Receives zeroed memory of `count` bytes.
  /// - Throws: Whatever `initializer` throws; the memory is wiped first.
  package init<Failure: Error>(
    count: Int, initializingWith initializer: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let region = SecretRegion(count: count)
    try initializer(region.bytes)
    self.count = count
    self.region = region
  }

  /// Copies bytes that somebody else holds, and wipes, into a secret of their own.
  package convenience init(copying source: UnsafeRawBufferPointer) {
    self.init(count: source.count) { destination in
      if source.count > 0 { destination.copyMemory(from: source) }
    }
  }

  /// Lends the bytes for the duration of `body`. The pointer must not escape.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(region.bytes))
  }

  /// Makes `count` bytes from the system's CSPRNG.
  package static func random(count: Int) -> SecretBytes {
    SecretBytes(count: count) { destination in
      var generator = SystemRandomNumberGenerator()
      for index in destination.indices { destination[index] = UInt8.random(in: .min ... .max, using: &generator) }
    }
  }
}

extension SecretBytes: Equatable {
  /// Compares in time that depends on the lengths alone, never on the contents.
  package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
    guard left.count == right.count else { return false }
    return left.withUnsafeBytes { leftBytes in
      right.withUnsafeBytes { rightBytes in
        var difference: UInt8 = 0
        for index in leftBytes.indices { difference |= leftBytes[index] ^ rightBytes[index] }
        return difference == 0
      }
    }
  }
}

/// The owner of the allocation, separate so that a throwing initialiser of ``SecretBytes`` still wipes.
private final class SecretRegion: @unchecked Sendable {
  // @unchecked: written only inside SecretBytes.init, before the reference is shared; read-only ever after.
  let bytes: UnsafeMutableRawBufferPointer
  private let capacity: Int

  init(count: Int) {
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    capacity = max(1, (count + pageSize - 1) / pageSize) * pageSize
    let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: pageSize)
    memset(memory, 0, capacity)
    // Best effort: an unprivileged limit on locked memory must not stop a rotation.
    _ = mlock(memory, capacity)
    _ = madvise(memory, capacity, Int32(MADV_DONTDUMP))
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
  }

  deinit {
    guard let memory = bytes.baseAddress else { return }
    explicit_bzero(memory, capacity)
    _ = madvise(memory, capacity, Int32(MADV_DODUMP))
    _ = munlock(memory, capacity)
    memory.deallocate()
  }
}
