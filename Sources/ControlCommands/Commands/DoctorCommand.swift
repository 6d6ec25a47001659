package import ArgumentParser
import Configuration
import Foundation
import RotationCore

/// `asactl doctor`.
package struct DoctorCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find what breaks Kerberos for the service, and say what to do. Changes nothing.",
    discussion: """
      On the rotator's host it reads rotator.yaml, asks the domain controllers, DNS and the running rotator, and has every \
      node try fresh tickets; a rotator that is down is one finding among others. On a node it reads agent.yaml and tries \
      tickets on the installed keytabs, signed on as the accounts in them. Without --config and --agent it looks at what \
      this host has: \(CheckConfigCommand.rotatorDefault) and \(CheckConfigCommand.agentDefault).

      Domain controllers are asked as the rotator, with its keytab, where this user may read it, else with your own ticket. \
      No password is sent. Root sees everything; what somebody else may not look at is listed as not checked.

      Exit codes: 0 nothing is wrong; 1 warnings; 2 something critical; 3 nothing is known to be wrong, but something could \
      not be checked. Every finding has an id, which /usr/share/doc/asa-rotator/doctor.md explains.

      Examples:
        asactl doctor
        asactl doctor --account 'EXAMPLE\\EXCH2016ASA$' --verbose
        asactl doctor --agent /etc/asa-agent/agent.yaml --json
      """)

  @Option(help: ArgumentHelp("A configuration of asa-rotatord to look at.", valueName: "file"), completion: .file())
  var config: String?
  @Option(help: ArgumentHelp("A configuration of asa-agentd to look at.", valueName: "file"), completion: .file())
  var agent: String?
  @OptionGroup var accounts: AccountSelection
  @Option(
    name: .customLong("dc"),
    help: ArgumentHelp(
      "A domain controller to ask in place of those of the configuration or of DNS; may be repeated.",
      valueName: "name[=address]"), transform: Self.controller)
  var controllers: [DirectoryConfiguration.Controller] = []
  @Flag(name: .customLong("own-ticket"), help: "Ask domain controllers with your own ticket, not as the rotator.")
  var usesOwnTicket = false
  @Option(
    name: .customLong("socket-directory"),
    help: ArgumentHelp("The directory of status.sock and control.sock, if not the configured one.", valueName: "dir"),
    completion: .directory)
  var socketDirectory: String?
  @Flag(help: "List what is as it should be, too.") var verbose = false
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Looks, prints what was found, and ends with its exit code.
  package func execute(in environment: CommandEnvironment) async throws {
    let configurations = try configurations()
    let terminal = environment.terminal
    let report = DoctorReport(try await checks(configurations, in: environment))
    try Answer(terminal, json: output.isJSON).print(DoctorDocument(report, examined: configurations)) {
      DoctorRendering(style: terminal.style, isVerbose: verbose).lines(report, examined: configurations)
    }
    if report.level != .ok { throw ExitCode(report.level.exitCode) }
  }

  private func configurations() throws(OperatorFault) -> [ExaminedConfigurationDocument] {
    let isNamed = config != nil || agent != nil
    let present = { (path: String) in FileManager.default.fileExists(atPath: path) ? path : nil }
    let rotator = isNamed ? config : present(CheckConfigCommand.rotatorDefault)
    let node = isNamed ? agent : present(CheckConfigCommand.agentDefault)
    let found =
      [rotator.map { ExaminedConfigurationDocument(role: "rotator", path: $0) }, node.map { .init(role: "agent", path: $0) }]
      .compactMap(\.self)
    guard !found.isEmpty else {
      throw OperatorFault(
        .noInput, "doctor", "neither \(CheckConfigCommand.rotatorDefault) nor \(CheckConfigCommand.agentDefault) exists",
        remedy: "name a file with --config or --agent")
    }
    return found
  }

  /// Looks at all of them, and says every second what is waited for where a person sees it.
  private func checks(
    _ configurations: [ExaminedConfigurationDocument], in environment: CommandEnvironment
  ) async throws -> [DoctorCheck] {
    let terminal = environment.terminal
    let progress = ExaminationProgress { if terminal.size() != nil { terminal.warn($0) } }
    return try await withThrowingTaskGroup(of: [DoctorCheck]?.self) { group in
      group.addTask {
        await progress.watch()
        return nil
      }
      group.addTask {
        var checks: [DoctorCheck] = []
        for configuration in configurations { checks += try await self.checks(configuration, progress, in: environment) }
        return checks
      }
      defer { group.cancelAll() }
      while let checks = try await group.next() { if let checks { return checks } }
      return []
    }
  }

  private func checks(
    _ configuration: ExaminedConfigurationDocument, _ progress: ExaminationProgress, in environment: CommandEnvironment
  ) async throws(OperatorFault) -> [DoctorCheck] {
    let account = try accounts.account.map { (name) throws(OperatorFault) in try AccountName(name) }
    guard configuration.role == "rotator" else {
      return try await NodeExamination(
        path: configuration.path, account: account, controllers: controllers, ticketCache: environment.ticketCache,
        now: environment.now(), progress: progress
      ).checks()
    }
    return try await RotatorExamination(
      path: configuration.path, account: account, sockets: socketDirectory, controllers: controllers,
      usesOwnTicket: usesOwnTicket, ticketCache: environment.ticketCache, now: environment.now(), progress: progress
    ).checks()
  }

  private static func controller(_ text: String) throws -> DirectoryConfiguration.Controller {
    guard let controller = DirectoryOptions.controller(text) else {
      throw ValidationError("--dc '\(text)' is not of the form dc1.example.com or dc1.example.com=192.0.2.10")
    }
    return controller
  }
}
