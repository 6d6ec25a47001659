import Glibc

/// One message on an LDAP connection: in the clear until the bind is done (RFC 4511 section 4.1.1), then a sealed SASL buffer with its
/// length in front (RFC 4422 section 3.7). What is in a sealed one cannot be seen, only how long it is.
struct WireFrame: Sendable {
  let bytes: [UInt8]

  var isSealed: Bool { bytes.first != 0x30 }

  /// How many bytes the frame that begins like this will have; `nil` while that cannot be told.
  static func length(of bytes: ArraySlice<UInt8>) -> Int? {
    let head = Array(bytes.prefix(6))
    guard head.count >= 2 else { return nil }
    guard head[0] == 0x30 else { return head.count >= 4 ? 4 + number(head[0..<4]) : nil }
    guard head[1] >= 0x80 else { return 2 + Int(head[1]) }
    let end = 2 + Int(head[1] & 0x7F)
    return head.count >= end ? end + number(head[2..<end]) : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

/// Reads whole frames from a socket.
struct FrameReader {
  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Waits for the next frame; `nil` at the end of the connection.
  mutating func next() -> WireFrame? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let length = WireFrame.length(of: buffer[...]), buffer.count >= length {
        defer { buffer.removeFirst(length) }
        return WireFrame(bytes: Array(buffer.prefix(length)))
      }
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return nil }
      buffer += chunk.prefix(count)
    }
  }
}
