import Foundation

/// The files of this package.
enum PackageTree {
  /// Its top.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// The built programs.
  static let programs = root.appending(path: ".build/debug").path

  /// The text of a file.
  static func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }
}
