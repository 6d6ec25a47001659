import Foundation

/// A command that was run to its end, and what it left behind.
package struct FinishedCommand: Sendable {
  /// Its exit code, or the number of the signal that ended it.
  package let status: Int32
  /// Everything on its standard output.
  package let output: String
  /// Everything on its standard error.
  package let errors: String

  /// Longer than anything takes that does not hang, in seconds.
  private static let limit = 300

  /// Runs a command, blocking this thread. By files rather than pipes: a daemon that the command leaves behind would hold a pipe open for ever.
  ///
  /// - Parameters:
  ///   - command: The program, looked for in `PATH` unless it holds a slash, and its arguments.
  ///   - input: What it reads.
  ///   - environment: All of its environment; `nil`: that of this process.
  package init(running command: [String], input: String = "", environment: [String: String]? = nil) throws {
    let directory = FileManager.default.temporaryDirectory.appending(component: "command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    let names = ["input", "output", "errors"].map { directory.appending(component: $0).path }
    try Data(input.utf8).write(to: URL(fileURLWithPath: names[0]))
    status = try ChildProcess(command, environment: environment, input: names[0], output: names[1], errors: names[2])
      .wait(within: Self.limit)
    output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: names[1])), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: names[2])), as: UTF8.self)
  }
}
