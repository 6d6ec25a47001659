package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl health`.
package struct HealthCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Say in one line and by the exit code whether all is well, for monitoring.",
    discussion: """
      Follows the convention of monitoring plugins (Icinga, Nagios): exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; one \
      line with performance data, then a line per finding. A rotator that does not answer is CRITICAL; wrong usage, or a \
      socket that this user may not use, is UNKNOWN.

      Example: asactl health --timeout 5
      """)

  @Option(help: ArgumentHelp("Wait at most so long (1 to 300).", valueName: "seconds"))
  var timeout: UInt32 = 10
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the timeout.
  package func validate() throws {
    guard (1...300).contains(timeout) else { throw ValidationError("--timeout must be 1 to 300") }
  }

  /// Asks, prints the answer or why there is none, and ends with the level's exit code.
  package func execute(in environment: CommandEnvironment) async throws {
    let document = await health()
    try Answer(environment.terminal, json: output.isJSON).print(document) { PluginOutput().lines(document) }
    if document.level != .ok { throw ExitCode(document.level.exitCode) }
  }

  /// What a command line that cannot be read means to monitoring, which reads standard output only.
  static func misused(_ problem: String, _ terminal: Terminal) throws -> Int32 {
    let document = HealthDocument(OperatorFault(.usage, "usage", problem))
    try terminal.print(PluginOutput().lines(document))
    return document.level.exitCode
  }

  private func health() async -> HealthDocument {
    let options = ControlConnection.answered(within: .seconds(Int(timeout)))
    do {
      return HealthDocument(try await connection.connection.reading { try await $0.getHealth(.init(), options: options) })
    } catch let fault as OperatorFault {
      return HealthDocument(fault)
    } catch let several as SeveralFaults {
      return HealthDocument(several.faults[0])
    } catch {
      return HealthDocument(OperatorFault(.software, "asactl", "internal failure: \(String(describing: error).visible)"))
    }
  }
}
