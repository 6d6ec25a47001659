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
    discussion: """
      Runs in the foreground until SIGTERM. Check a configuration with 'asactl check-config --rotator FILE'. A failure at the \
      start is one line on standard error, and an exit code of sysexits.h: 66 for a file that is missing, 78 for a configuration \
      or a store that cannot be used.

      Example: asa-rotatord --config /etc/asa-rotator/rotator.yaml
      """,
    version: RotationDaemon.version)

  @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
  var config = "/etc/asa-rotator/rotator.yaml"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; overrides log.level.", valueName: "level"),
    completion: .list(Logger.Level.allCases.map(\.rawValue)))
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
