import Foundation

extension LabCluster {
  /// The directory of a daemon's fault hooks, see `FaultHooks`.
  func hooks(of name: String) -> String { "\(directory)/hooks/\(name)" }

  /// What a daemon is started with so that it looks for faults, and traces its boundaries.
  func hookEnvironment(of name: String) throws -> [String: String] {
    guard layout.hasFaultHooks else { return [:] }
    let hooks = hooks(of: name)
    try FileManager.default.createDirectory(atPath: hooks, withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: "\(hooks)/trace") {
      guard FileManager.default.createFile(atPath: "\(hooks)/trace", contents: nil) else { throw CocoaError(.fileWriteUnknown) }
    }
    return ["ASA_FAULT_HOOKS": hooks]
  }

  /// Puts a fault in, or takes it away with `nil`.
  func setHook(_ hook: String, of name: String, to text: String?) throws {
    let path = "\(hooks(of: name))/\(hook)"
    if let text {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } else if FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
  }

  /// Waits until a daemon holds at the boundary that `hold-at` names.
  func waitUntilHeld(_ name: String) async throws {
    try await waitUntil("\(name) holds") { FileManager.default.fileExists(atPath: "\(hooks(of: name))/held") }
  }

  /// Every boundary that a daemon has reached since the trace was begun.
  func trace(of name: String) -> [TraceLine] {
    let text = (try? String(contentsOfFile: "\(hooks(of: name))/trace", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap(TraceLine.init)
  }

  /// Begins the trace anew.
  func clearTrace(of name: String) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(hooks(of: name))/trace"))
    try file.truncate(atOffset: 0)
    try file.close()
  }
}

/// One line of a daemon's trace.
struct TraceLine: Sendable, Equatable {
  let microseconds: Int
  let name: String

  init?(_ line: Substring) {
    guard let space = line.firstIndex(of: " "), let microseconds = Int(line[..<space]) else { return nil }
    self.microseconds = microseconds
    name = String(line[line.index(after: space)...])
  }

  /// The phase that the rotation is in from here on, if this line tells.
  var phase: String? {
    name.hasPrefix("recorded:") ? String(name.dropFirst("recorded:".count)) : nil
  }
}
