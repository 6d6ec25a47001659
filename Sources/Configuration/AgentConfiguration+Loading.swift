package import RotationCore
import Yams

extension AgentConfiguration {
  /// Reads `agent.yaml`.
  ///
  /// - Throws: ``OperatorFault``: the first fault of the file (`.configuration`), or why it cannot be read (`.noInput`,
  ///   `.permission`, `.inputOutput`).
  package static func load(path: String) throws(OperatorFault) -> AgentConfiguration {
    do throws(ConfigurationFaults) {
      return try check(path: path).get()
    } catch {
      throw error.first
    }
  }

  /// Reads `agent.yaml` and names everything that is wrong with it.
  package static func check(path: String) -> Result<AgentConfiguration, ConfigurationFaults> {
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
  package static func parse(yaml: String, file: String) throws(OperatorFault) -> AgentConfiguration {
    do throws(ConfigurationFaults) {
      return try check(yaml: yaml, file: file).get()
    } catch {
      throw error.first
    }
  }

  /// Reads a configuration that is already in memory and names everything that is wrong with it.
  ///
  /// - Parameter file: The name to use in faults.
  package static func check(yaml: String, file: String) -> Result<AgentConfiguration, ConfigurationFaults> {
    let faults = FaultCollector(file: file)
    let configuration = YAMLDocument.root(of: yaml, reportingTo: faults).flatMap { root in
      read(Section<Key>(root, line: 1, faults: faults))
    }
    if let found = faults.faults { return .failure(found) }
    guard let configuration else { return .failure(.unexplained(file)) }
    return .success(configuration)
  }

  /// Every key that this version reads, for the tests of the sample and for documentation.
  package static let optionNames: [String] =
    Key.names + RotatorEndpointConfiguration.Key.names + KeytabConfiguration.Key.names + ConsumerConfiguration.Key.names
    + LogConfiguration.Key.names
}
