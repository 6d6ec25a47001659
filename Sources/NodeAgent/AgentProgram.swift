import Configuration
import Foundation
import Kerberos
import Logging
package import RotationCore
import SecretMemory
import Systemd

/// What `asa-agentd` does with its command line.
package enum AgentProgram {
  /// The names of the log levels, from much to little.
  package static let logLevels = Logger.Level.allCases.map(\.rawValue)

  /// Reads the configuration, then checks it or runs the agent.
  ///
  /// - Parameters:
  ///   - path: The configuration file.
  ///   - onlyCheck: Check configuration, certificates and keytabs, change nothing, and return.
  ///   - level: The log level; `nil`: the configuration's.
  /// - Throws: ``OperatorFault`` whose kind is the exit code.
  package static func run(configuration path: String, onlyCheck: Bool, level: String?) async throws(OperatorFault) {
    ProcessHardening.apply()
    let environment = try ProcessConfiguration.isolate()
    let configuration = try AgentConfiguration.load(path: path)
    let daemon = AgentDaemon(
      configuration, logger: try logger(level: level ?? configuration.log.level), notifier: ServiceNotifier(),
      consumers: SystemConsumers(environment: environment))
    if onlyCheck { try await daemon.check() } else { try await daemon.run() }
  }

  private static func logger(level name: String) throws(OperatorFault) -> Logger {
    guard let level = Logger.Level(rawValue: name) else {
      throw OperatorFault(
        .usage, "log level '\(name)'", "is unknown",
        remedy: "use one of \(logLevels.joined(separator: ", "))")
    }
    return Logger(label: "asa-agentd") { label in
      JournalLogHandler(label: label, identifier: "asa-agentd", level: level, destination: .detected())
    }
  }
}
