import Configuration
import Foundation
import NodeAgent
import RotationCore
import Testing

@Suite("The command of a consumer", .timeLimit(.minutes(1)))
struct ConsumerCommandTests {
  private func run(_ words: String..., timeout: Duration = .seconds(30)) async throws(OperatorFault) {
    try await SystemConsumers(environment: ["ASA_GIVEN=it is there"]).renew(
      ConsumerConfiguration(name: words.joined(separator: " "), action: .command(words), timeout: timeout))
  }

  @Test("It is over when the command ends, whatever the command leaves running")
  func leavesAService() async throws {
    let directory = try TestDirectory()
    let path = "\(directory.path)/pid"
    try await run("/bin/sh", "-c", "sleep 50 & echo $! > \(path)")
    let identifier = try #require(Int32(String(contentsOfFile: path, encoding: .utf8).dropLast()))
    #expect(kill(identifier, 0) == 0)
    kill(identifier, SIGKILL)
  }

  @Test("It gets the environment that it is given, not the agent's, which is cut off from the site's Kerberos configuration")
  func environment() async throws {
    let directory = try TestDirectory()
    let path = "\(directory.path)/environment"
    try await run("/bin/sh", "-c", "/usr/bin/env > \(path)")
    let variables = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(variables.contains("ASA_GIVEN=it is there"))
    #expect(!variables.contains { $0.hasPrefix("PATH=") && $0.contains("swift") })
  }

  @Test("Another status than 0, a program that is not there, and one that takes too long are faults")
  func failures() async {
    let status = await #expect(throws: OperatorFault.self) { try await run("/bin/sh", "-c", "exit 3") }
    #expect(status?.problem == "ended with status 3")
    let missing = await #expect(throws: OperatorFault.self) { try await run("/nonexistent/program") }
    #expect(missing?.problem.hasPrefix("cannot be started") == true)
    let slow = await #expect(throws: OperatorFault.self) { try await run("/bin/sleep", "50", timeout: .milliseconds(100)) }
    #expect(slow?.problem.hasPrefix("did not end") == true)
  }
}
