import ArgumentParser
import Foundation
import Logging
import RotationCore
import RotationDaemon

/// The rotator daemon's command line.
@main
struct RotatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asa-rotatord",
    abstract: "Rotates the password of shared Active Directory accounts and distributes the keys to node agents first.",
    discussion: "Runs in the foreground until SIGTERM. Check a configuration with 'asactl check-config --rotator FILE'.",
    version: RotationDaemon.version)

  @Option(name: .long, help: "The configuration file.")
  var config = "/etc/asa-rotator/rotator.yaml"

  @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical; overrides log.level.")
  var logLevel: String?

  func validate() throws {
    guard let logLevel, Logger.Level(rawValue: logLevel) == nil else { return }
    throw ValidationError("--log-level: '\(logLevel)' is none of trace, debug, info, notice, warning, error, critical")
  }

  func run() async throws {
    do throws(OperatorFault) {
      try await RotationDaemon.run(configuration: config, logLevel: logLevel.flatMap { Logger.Level(rawValue: $0) })
    } catch {
      FileHandle.standardError.write(Data("asa-rotatord: \(error)\n".utf8))
      throw ExitCode(error.kind.exitCode)
    }
  }
}
