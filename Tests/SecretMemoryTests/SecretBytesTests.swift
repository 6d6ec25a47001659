import Glibc
import SecretMemory
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
  private func secret(_ bytes: [UInt8]) -> SecretBytes { bytes.withUnsafeBytes { SecretBytes(copying: $0) } }

  @Test("The bytes are those that went in", arguments: [0, 1, 32, 4096, 4097, 100_000])
  func contents(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    #expect(secret(bytes).count == count)
    #expect(secret(bytes).withUnsafeBytes { Array($0) } == bytes)
  }

  @Test("Memory that an initialiser leaves alone is zero")
  func zeroed() {
    #expect(SecretBytes(count: 64) { _ in }.withUnsafeBytes { $0.allSatisfy { $0 == 0 } })
  }

  @Test("Equal means every byte and the length", arguments: 0..<33)
  func equality(position: Int) {
    let bytes = [UInt8](repeating: 7, count: 33)
    var other = bytes
    other[position] ^= 1
    #expect(secret(bytes) == secret(bytes))
    #expect(secret(bytes) != secret(other))
    #expect(secret(bytes) != secret(Array(bytes.prefix(position))))
  }

  @Test("Two random secrets differ")
  func random() { #expect(SecretBytes.random(count: 32) != SecretBytes.random(count: 32)) }

  @Test("An initialiser's error comes through")
  func throwingInitialiser() {
    struct Refusal: Error {}
    #expect(throws: Refusal.self) { try SecretBytes(count: 8) { (_) throws(Refusal) in throw Refusal() } }
  }
}

/// Reads this process's memory as a debugger would, so that freed memory can be looked at.
private final class ProcessMemory {
  private let descriptor = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)

  deinit { close(descriptor) }

  /// Whether `pattern` is at `address`; false also where nothing is mapped any more.
  func holds(_ pattern: [UInt8], at address: UInt) -> Bool {
    var found = [UInt8](repeating: 0, count: pattern.count)
    let count = pread(descriptor, &found, found.count, off_t(Int(bitPattern: address)))
    return count == pattern.count && found == pattern
  }
}

@Suite("Wiping", .serialized)
struct WipingTests {
  // Beyond the first bytes of the block, which the allocator uses for itself once it is free.
  private let pattern = (0..<512).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
  private let offset: UInt = 1024

  private func fill(_ memory: UnsafeMutableRawBufferPointer) -> UInt {
    memory.copyBytes(from: repeatElement(0x55, count: Int(offset)) + pattern)
    return UInt(bitPattern: memory.baseAddress) + offset
  }

  @Test("A secret is in memory while it lives and gone from it afterwards")
  func released() {
    let memory = ProcessMemory()
    var address: UInt = 0
    var secret: SecretBytes? = SecretBytes(count: Int(offset) + pattern.count) { address = fill($0) }
    withExtendedLifetime(secret) { #expect(memory.holds(pattern, at: address)) }
    secret = nil
    #expect(!memory.holds(pattern, at: address))
  }

  @Test("What an initialiser wrote before it failed is wiped")
  func failed() {
    struct Refusal: Error {}
    let memory = ProcessMemory()
    var address: UInt = 0
    _ = try? SecretBytes(count: Int(offset) + pattern.count) { (destination) throws(Refusal) in
      address = fill(destination)
      #expect(memory.holds(pattern, at: address))
      throw Refusal()
    }
    #expect(!memory.holds(pattern, at: address))
  }

  @Test("Control: plain memory that is freed still holds the bytes, so the wipe is what removes them")
  func plainMemory() {
    let memory = ProcessMemory()
    // Several blocks, because another thread may have taken one of them over in the meantime.
    let survivors = (0..<16).filter { _ in
      let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 4096)
      let address = fill(plain)
      plain.deallocate()
      return memory.holds(pattern, at: address)
    }
    #expect(!survivors.isEmpty)
  }

  @Test("A secret is kept out of core files")
  func coreFiles() throws {
    let secret = SecretBytes.random(count: 32)
    let address = secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    #expect(try #require(flags(at: address)).contains("dd"))
    let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 4096)
    defer { plain.deallocate() }
    #expect(try !#require(flags(at: UInt(bitPattern: plain.baseAddress))).contains("dd"))
    withExtendedLifetime(secret) {}
  }

  /// The `VmFlags` of the mapping that holds `address` (proc_pid_smaps(5)).
  private func flags(at address: UInt) -> [Substring]? {
    guard let file = fopen("/proc/self/smaps", "r") else { return nil }
    defer { fclose(file) }
    var isInside = false
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(whereSeparator: \.isWhitespace)
      let bounds = words.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
      if bounds.count == 2 { isInside = (bounds[0]..<bounds[1]).contains(address) }
      if isInside, words.first == "VmFlags:" { return Array(words.dropFirst()) }
    }
    return nil
  }
}
