import ActiveDirectory
import Configuration
import Kerberos
import Logging
import RotationCore
import Synchronization

/// The domain controllers of one directory, each with LDAP and Kerberos aimed at it alone, prepared when it is first asked for.
final class ControllerCatalog: ReplicaSource {
  /// The ways to one domain controller.
  struct Ports: Sendable {
    let directory: ActiveDirectoryClient
    let kerberos: KerberosClient
  }

  private let directory: DirectoryConfiguration
  private let logger: Logger
  private let addresses: [String: String]
  private let prepared = Mutex<[String: Ports]>([:])

  init(_ directory: DirectoryConfiguration, logger: Logger) {
    self.directory = directory
    self.logger = logger
    let pairs = directory.controllers.compactMap { controller in
      controller.address.map { (controller.name.comparableHostName, $0) }
    }
    addresses = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  var configured: [String]? { directory.controllers.isEmpty ? nil : directory.controllers.map(\.name) }

  func ports(for name: String) throws(OperatorFault) -> Ports {
    let key = name.comparableHostName
    if let known = prepared.withLock({ $0[key] }) { return known }
    let new = try prepare(key)
    // Whoever was first has it: there is one connection to each.
    return prepared.withLock { ports in
      let first = ports[key] ?? new
      ports[key] = first
      return first
    }
  }

  func replica(named name: String) throws(OperatorFault) -> ReplicaController {
    let ports = try ports(for: name)
    return ReplicaController(name: name, directory: ports.directory, tickets: ports.kerberos)
  }

  private func prepare(_ name: String) throws(OperatorFault) -> Ports {
    let kerberos = try KerberosClient(
      realm: directory.realm, kdc: addresses[name] ?? name, principal: directory.principal, keytab: directory.keytab,
      timeout: directory.timeout)
    return Ports(
      directory: ActiveDirectoryClient(
        realm: directory.realm, host: name, address: addresses[name], credentials: kerberos, timeout: directory.timeout,
        logger: logger),
      kerberos: kerberos)
  }
}
