import Foundation
import Testing

/// A directory that is removed when the last reference goes; short enough for a Unix socket's path.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = "/tmp/asactl-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file into the directory and returns its path.
  func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
    let file = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  /// The permission bits of a file.
  static func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  /// The text of a file.
  static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
