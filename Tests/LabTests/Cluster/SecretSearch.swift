import Foundation

/// Looks for secrets in every encoding that a leak might take.
struct SecretSearch {
  private let needles: [Data]

  init(_ secrets: [[UInt8]]) {
    needles = Set(secrets).flatMap(Self.encodings).map { Data($0) }
  }

  func finds(in bytes: [UInt8]) -> Bool {
    let haystack = Data(bytes)
    return needles.contains { haystack.range(of: $0) != nil }
  }

  /// Raw (which for an ASCII password is UTF-8), hexadecimal in both cases, base64 in its three alignments, UTF-16LE.
  static func encodings(of secret: [UInt8]) -> [[UInt8]] {
    let hex = secret.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    let base64 = (0..<3).map { offset in
      // Without the characters that the neighbouring bytes have a part in.
      let text = Data([UInt8](repeating: 0, count: offset) + secret).base64EncodedString().replacing("=", with: "")
      return Array(text.dropFirst(offset == 0 ? 0 : offset + 1).dropLast(2).utf8)
    }
    return [secret, Array(hex.utf8), Array(hex.uppercased().utf8), secret.flatMap { [$0, 0] }] + base64
  }
}

/// A place where a secret must not be.
struct SearchPlace {
  let name: String
  let bytes: [UInt8]

  init(file: String) throws {
    name = file
    bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  /// Every regular file below a directory, except the inputs that the test itself made.
  static func files(below directory: String) throws -> [SearchPlace] {
    let names = FileManager.default.subpaths(atPath: directory) ?? []
    return try names.map { "\(directory)/\($0)" }
      .filter { path in (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular }
      .map(SearchPlace.init)
  }

  /// The command line and the environment of each process.
  static func processes(_ identifiers: [Int32]) throws -> [SearchPlace] {
    try identifiers.flatMap { pid in try ["cmdline", "environ"].map { try SearchPlace(file: "/proc/\(pid)/\($0)") } }
  }
}
