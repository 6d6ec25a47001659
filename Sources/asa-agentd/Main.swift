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
    discussion: """
      Runs in the foreground until SIGTERM. Check a configuration with 'asactl check-config --agent FILE', and with --check \
      what it names as well. A failure at the start is one line on standard error, and an exit code of sysexits.h: 66 for a file \
      that is missing, 78 for a configuration, a certificate or a keytab that cannot be used.

      Examples:
        asa-agentd --config /etc/asa-agent/agent.yaml --check
        asa-agentd --config /etc/asa-agent/agent.yaml
      """,
    version: AgentVersion.current)

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
  var config = "/etc/asa-agent/agent.yaml"

  @Flag(help: "Check configuration, certificates and keytabs, change nothing, and exit.")
  var check = false

  @Option(
    help: ArgumentHelp("trace, debug, info, notice, warning, error or critical; overrides log.level.", valueName: "level"),
    completion: .list(AgentProgram.logLevels))
  var logLevel: String?

  func validate() throws {
    guard let logLevel, !AgentProgram.logLevels.contains(logLevel) else { return }
    throw ValidationError("--log-level: '\(logLevel)' is none of \(AgentProgram.logLevels.joined(separator: ", "))")
  }

  func run() async throws {
    do throws(OperatorFault) {
      try await AgentProgram.run(configuration: config, onlyCheck: check, level: logLevel)
    } catch {
      FileHandle.standardError.write(Data("asa-agentd: \(error)\n".utf8))
      throw ExitCode(error.kind.exitCode)
    }
  }
}
