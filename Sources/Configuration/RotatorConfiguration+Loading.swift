import Foundation
package import RotationCore
import Yams

extension RotatorConfiguration {
  /// Reads `rotator.yaml`.
  ///
  /// - Throws: ``OperatorFault``: the first fault of the file (`.configuration`), or why it cannot be read (`.noInput`,
  ///   `.permission`, `.inputOutput`).
  package static func load(path: String) throws(OperatorFault) -> RotatorConfiguration {
    do throws(ConfigurationFaults) {
      return try check(path: path).get()
    } catch {
      throw error.first
    }
  }

  /// Reads `rotator.yaml` and names everything that is wrong with it.
  package static func check(path: String) -> Result<RotatorConfiguration, ConfigurationFaults> {
    do throws(OperatorFault) {
      return check(yaml: try ConfigurationFile.contents(of: path), file: path)
    } catch {
      return .failure(ConfigurationFaults(error))
    }
  }

  /// Reads a configuration that is already in memory.
  ///
  /// - Parameter file: The name to use in faults.
  /// - Throws: ``OperatorFault`` of kind `.configuration`: the first fault.
  package static func parse(yaml: String, file: String) throws(OperatorFault) -> RotatorConfiguration {
    do throws(ConfigurationFaults) {
      return try check(yaml: yaml, file: file).get()
    } catch {
      throw error.first
    }
  }

  /// Reads a configuration that is already in memory and names everything that is wrong with it.
  ///
  /// - Parameters:
  ///   - file: The name to use in faults.
  ///   - environment: Where `CREDENTIALS_DIRECTORY` is looked up for the default of `store.keyFile`.
  package static func check(
    yaml: String, file: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Result<RotatorConfiguration, ConfigurationFaults> {
    let faults = FaultCollector(file: file)
    let configuration = YAMLDocument.root(of: yaml, reportingTo: faults).flatMap { root in
      read(Section<Key>(root, line: 1, faults: faults), environment: environment)
    }
    if let found = faults.faults { return .failure(found) }
    guard let configuration else { return .failure(.unexplained(file)) }
    return .success(configuration)
  }

  /// Every key that this version reads, for the tests of the sample and for documentation.
  package static let optionNames: [String] =
    Key.names + DirectoryConfiguration.Key.names + DirectoryConfiguration.Controller.Key.names
    + AgentListenerConfiguration.Key.names + AccountConfiguration.Key.names + RotationPolicy.Key.names + RetryPolicy.Key.names
    + ArrayConfiguration.Key.names + StoreConfiguration.Key.names + ControlConfiguration.Key.names
    + MetricsConfiguration.Key.names + LogConfiguration.Key.names
}

extension ConfigurationFaults {
  /// A reader gave up without saying why, which is our own fault and must not pass for a valid file.
  static func unexplained(_ file: String) -> ConfigurationFaults {
    ConfigurationFaults(OperatorFault(.software, file, "was refused without a reason", remedy: "report this as a defect"))
  }
}
