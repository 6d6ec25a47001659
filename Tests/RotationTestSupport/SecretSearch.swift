import Foundation

/// Looks for secrets in every encoding that a leak might take.
package struct SecretSearch {
  private let needles: [Data]

  /// Takes the secrets.
  package init(_ secrets: [[UInt8]]) {
    needles = Set(secrets).flatMap(Self.encodings).map { Data($0) }
  }

  /// Whether one of them is there.
  package func finds(in bytes: [UInt8]) -> Bool {
    let haystack = Data(bytes)
    return needles.contains { haystack.range(of: $0) != nil }
  }

  /// Raw (which for an ASCII password is UTF-8), hexadecimal in both cases, base64 in its three alignments, UTF-16LE.
  package static func encodings(of secret: [UInt8]) -> [[UInt8]] {
    let hex = secret.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    let base64 = (0..<3).map { offset in
      // Without the characters that the neighbouring bytes have a part in.
      let text = Data([UInt8](repeating: 0, count: offset) + secret).base64EncodedString().replacing("=", with: "")
      return Array(text.dropFirst(offset == 0 ? 0 : offset + 1).dropLast(2).utf8)
    }
    return [secret, Array(hex.utf8), Array(hex.uppercased().utf8), secret.flatMap { [$0, 0] }] + base64
  }
}
