import Foundation
import SecretMemory

/// Looks for bytes in every file of a directory, as an intruder with a copy of it would.
struct RawSearch {
  private let contents: [Data]

  init(directory: String) throws {
    contents = try FileManager.default.contentsOfDirectory(atPath: directory).map { name in
      try Data(contentsOf: URL(filePath: directory + "/" + name))
    }
  }

  func contains(_ bytes: Data) -> Bool { contents.contains { $0.range(of: bytes) != nil } }

  /// The spellings in which a secret is there.
  func spellings(of secret: SecretBytes) -> Set<String> {
    Set(Self.allSpellings(of: secret).filter { contains($0.value) }.keys)
  }

  /// The bytes as they are, in hexadecimal, in base64 at each of its three alignments, and as UTF-16LE.
  static func allSpellings(of secret: SecretBytes) -> [String: Data] {
    let raw = secret.withUnsafeBytes { Data($0) }
    let hex = raw.map { String(format: "%02x", $0) }.joined()
    var spellings = [
      "raw": raw, "hex": Data(hex.utf8), "HEX": Data(hex.uppercased().utf8),
      "utf16": Data(raw.flatMap { [$0, 0] }),
    ]
    for offset in 0..<3 {
      // Whole groups of three bytes only: the others depend on what stands around them.
      let aligned = raw.dropFirst(offset)
      spellings["base64+\(offset)"] = aligned.prefix(aligned.count / 3 * 3).base64EncodedData()
    }
    return spellings
  }
}

extension SecretBytes {
  convenience init(copying bytes: [UInt8]) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }
}
