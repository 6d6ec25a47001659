package import ArgumentParser
import Configuration
import Foundation
import RotationCore

/// `asactl check-config`.
package struct CheckConfigCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "check-config", abstract: "Check configuration files and name everything that is wrong, by file and line.",
    discussion: """
      Needs no running daemon. Without options it checks the files of this host:
      \(rotatorDefault) and \(agentDefault), whichever exist.

      Example: asactl check-config --rotator new.yaml
      """)

  static let rotatorDefault = "/etc/asa-rotator/rotator.yaml"
  static let agentDefault = "/etc/asa-agent/agent.yaml"

  @Option(
    name: .customLong("rotator"), help: ArgumentHelp("A configuration of asa-rotatord.", valueName: "file"), completion: .file()
  )
  var rotators: [String] = []
  @Option(
    name: .customLong("agent"), help: ArgumentHelp("A configuration of asa-agentd.", valueName: "file"), completion: .file())
  var agents: [String] = []
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the files and prints what was found.
  package func execute(in environment: CommandEnvironment) async throws {
    let checks = try check()
    let document = ConfigurationCheckDocument(files: checks.map(\.file))
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      document.files.filter(\.valid).map { "\($0.path): valid" }
    }
    let faults = checks.flatMap(\.faults)
    if !output.isJSON { for fault in faults { environment.terminal.warn(fault.description.visible) } }
    if let first = faults.first { throw ExitCode(first.kind.exitCode) }
  }

  private func check() throws(OperatorFault) -> [ConfigurationCheck] {
    let checks = rotators.map(ConfigurationCheck.init(rotator:)) + agents.map(ConfigurationCheck.init(agent:))
    return checks.isEmpty ? try checkDefaults() : checks
  }

  private func checkDefaults() throws(OperatorFault) -> [ConfigurationCheck] {
    let exists = { (path: String) in FileManager.default.fileExists(atPath: path) }
    let checks =
      [Self.rotatorDefault].filter(exists).map(ConfigurationCheck.init(rotator:))
      + [Self.agentDefault].filter(exists).map(ConfigurationCheck.init(agent:))
    guard !checks.isEmpty else {
      throw OperatorFault(
        .noInput, "check-config", "neither \(Self.rotatorDefault) nor \(Self.agentDefault) exists",
        remedy: "name a file with --rotator or --agent")
    }
    return checks
  }
}

/// One file and what is wrong with it.
private struct ConfigurationCheck {
  let file: CheckedFile
  let faults: [OperatorFault]

  init(rotator path: String) { self.init(path, role: "rotator", RotatorConfiguration.check(path: path)) }

  init(agent path: String) { self.init(path, role: "agent", AgentConfiguration.check(path: path)) }

  private init<Value>(_ path: String, role: String, _ result: Result<Value, ConfigurationFaults>) {
    switch result {
    case .success: faults = []
    case .failure(let found): faults = found.all
    }
    file = CheckedFile(path: path, role: role, valid: faults.isEmpty, faults: faults.map(CheckedFault.init))
  }
}

extension CheckedFault {
  fileprivate init(_ fault: OperatorFault) {
    self.init(subject: fault.subject, problem: fault.problem, remedy: fault.remedy.visibleOrNil)
  }
}
