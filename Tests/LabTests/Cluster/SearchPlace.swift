import Foundation

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
