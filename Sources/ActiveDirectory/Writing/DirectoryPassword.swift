import RotationCore
package import SecretMemory

/// The form in which unicodePwd takes a password: in double quotes, UTF-16LE (MS-ADTS 3.1.1.3.1.5.1).
package enum DirectoryPassword {
  /// Quotes and widens an ASCII password without leaving secret memory; `nil` if a byte of it is not ASCII.
  package static func encode(_ password: SecretBytes) -> SecretBytes? {
    let isASCII = password.withUnsafeBytes { $0.allSatisfy { $0 < 0x80 } }
    guard isASCII else { return nil }
    return SecretBytes(count: 2 * (password.count + 2)) { destination in
      password.withUnsafeBytes { source in
        for (index, byte) in source.enumerated() { destination[2 * (index + 1)] = byte }
      }
      destination[0] = UInt8(ascii: "\"")
      destination[destination.count - 2] = UInt8(ascii: "\"")
    }
  }
}
