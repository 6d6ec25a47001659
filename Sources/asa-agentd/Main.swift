import ArgumentParser
import Foundation
import NodeAgent
import RotationCore

/// The node agent's command line.
@main
struct Main: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asa-agentd",
    abstract: "Hold the keys of a shared Active Directory account on this node, and keep its keytabs current.",
    version: AgentVersion.current)

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config = "/etc/asa-agent/agent.yaml"

  @Flag(help: "Check configuration, certificates and keytabs, change nothing, and exit.")
  var check = false

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel: String?

  func run() async throws {
    do throws(OperatorFault) {
      try await AgentProgram.run(configuration: config, onlyCheck: check, level: logLevel)
    } catch {
      FileHandle.standardError.write(Data("asa-agentd: \(error)\n".utf8))
      throw ExitCode(error.kind.exitCode)
    }
  }
}
