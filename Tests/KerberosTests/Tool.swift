import Foundation

/// Runs a program of the krb5-user package.
enum Tool {
  static func run(_ path: String, _ arguments: [String], input: String = "") throws -> (output: String, status: Int32) {
    let process = Process()
    let output = Pipe()
    let stdin = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ["TZ": "UTC", "LC_ALL": "C", "KRB5_CONFIG": "/dev/null"]
    process.standardOutput = output
    process.standardError = output
    process.standardInput = stdin
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: bytes, as: UTF8.self), process.terminationStatus)
  }
}
