import Glibc
package import SecretMemory

/// One line typed without echo: the bytes so far, with the editing keys of a terminal.
package struct SecretLine: ~Copyable {
  /// What one byte did to the line.
  package enum Effect: Equatable {
    /// More is wanted.
    case more
    /// Return was pressed.
    case complete
    /// Ctrl-D on an empty line.
    case ended
    /// Ctrl-C.
    case interrupted
  }

  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 0

  /// Makes an empty line of at most `capacity` bytes; bytes beyond it are ignored.
  package init(capacity: Int) {
    buffer = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit {
    // A plain loop before free is a dead store that the optimiser may remove.
    if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
    buffer.deallocate()
  }

  /// Takes one byte from the keyboard.
  package mutating func accept(_ byte: UInt8) -> Effect {
    switch byte {
    case UInt8(ascii: "\r"), UInt8(ascii: "\n"): return .complete
    case 0x03: return .interrupted
    case 0x04: return count == 0 ? .ended : .complete
    case 0x08, 0x7F: eraseCharacter()
    case 0x15: count = 0
    default: append(byte)
    }
    return .more
  }

  /// The line as a secret of its own.
  package func finish() -> SecretBytes {
    SecretBytes(copying: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
  }

  /// Takes one byte as it is, not as an editing key.
  package mutating func append(_ byte: UInt8) {
    guard count < buffer.count else { return }
    buffer[count] = byte
    count += 1
  }

  /// UTF-8 continuation bytes go together with the byte that they continue.
  private mutating func eraseCharacter() {
    while count > 0 {
      count -= 1
      if buffer[count] & 0xC0 != 0x80 { return }
    }
  }
}
