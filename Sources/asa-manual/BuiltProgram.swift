import ArgumentParser
import Foundation
import ManualPages

/// One of the programs, asked about itself.
struct BuiltProgram {
  /// Its name.
  let name: String
  private let file: URL

  /// The program of a name in a directory.
  init(_ directory: URL, _ name: String) {
    self.name = name
    file = directory.appending(path: name)
  }

  /// Its help, with that of all its commands.
  var help: CommandDescription {
    get throws { try CommandDescription(dump: output(of: ["--experimental-dump-help"])) }
  }

  /// Its version.
  var version: String {
    get throws { try text(of: ["--version"]).trimmingCharacters(in: .whitespacesAndNewlines) }
  }

  /// What makes a shell complete its arguments.
  func completionScript(for shell: CompletionShell) throws -> String {
    try text(of: ["--generate-completion-script", shell.rawValue])
  }

  private func text(of arguments: [String]) throws -> String { String(decoding: try output(of: arguments), as: UTF8.self) }

  private func output(of arguments: [String]) throws -> Data {
    guard FileManager.default.isExecutableFile(atPath: file.path) else { throw MissingProgram(path: file.path) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = file
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ProgramFailure(command: [file.path] + arguments, status: process.terminationStatus)
    }
    return data
  }
}

/// A program that is not where it was looked for.
struct MissingProgram: Error, CustomStringConvertible {
  let path: String

  var description: String { "\(path) is no program; build it, or name the directory of the built ones with --programs" }
}

/// A program that could not tell about itself.
struct ProgramFailure: Error, CustomStringConvertible {
  let command: [String]
  let status: Int32

  var description: String { "'\(command.joined(separator: " "))' ended with \(status)" }
}
