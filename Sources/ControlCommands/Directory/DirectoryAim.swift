package import ActiveDirectory
package import Configuration
package import Kerberos
import Logging
package import RotationCore

/// One directory as a command reaches it: its domain controllers, and as whom they are asked.
package struct DirectoryAim: Sendable {
  /// What is signed on with.
  package enum SignOn: Sendable, Equatable {
    /// The ticket of the person who runs the command, in the credential cache of this name.
    case ticketCache(String)
    /// The rotator's own keytab.
    case keytab(principal: String, path: String)
  }

  /// The realm.
  package var realm: Realm
  /// The controllers to talk to; empty: those that DNS names.
  package var controllers: [DirectoryConfiguration.Controller]
  /// The site whose controllers are tried first where DNS names them.
  package var site: String?
  /// Which one is written to.
  package var writer: DirectoryConfiguration.Writer
  /// As whom.
  package var signOn: SignOn
  /// The longest that one exchange may take.
  package var timeout: Duration
  /// The rotator's own principal without the realm, where the configuration names it.
  package var rotatorPrincipal: String?
  /// The attribute that carries the rotator's claim; `nil` where rotations leave none.
  package var stampAttribute: String?
  /// The accounts of this realm that the rotator's configuration names.
  package var accounts: [AccountConfiguration]

  /// The controllers to talk to, looked up in DNS if none are named.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if DNS names none.
  package func reachable() async throws(OperatorFault) -> [DirectoryConfiguration.Controller] {
    guard controllers.isEmpty else { return controllers }
    guard case .named(let writer) = writer else {
      return try await DomainControllerLocator.controllers(of: realm, site: site).map { .init(name: $0) }
    }
    // The rotator uses it, whether or not DNS names it.
    let found = (try? await DomainControllerLocator.controllers(of: realm, site: site)) ?? []
    let others = found.filter { $0.comparableHostName != writer.comparableHostName }
    return ((others.count == found.count ? [writer] : []) + found).map { .init(name: $0) }
  }

  /// Kerberos against one of them.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if the name cannot be one.
  package func kerberos(
    at controller: DirectoryConfiguration.Controller
  ) throws(OperatorFault) -> KerberosClient {
    let kdc = controller.address ?? controller.name
    return switch signOn {
    case .ticketCache(let name): try KerberosClient(realm: realm, kdc: kdc, ticketCache: name, timeout: timeout)
    case .keytab(let principal, let path):
      try KerberosClient(realm: realm, kdc: kdc, principal: principal, keytab: path, timeout: timeout)
    }
  }

  /// LDAP to one of them, sealed under the same sign-on.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if the name cannot be one.
  package func directory(
    at controller: DirectoryConfiguration.Controller
  ) throws(OperatorFault) -> ActiveDirectoryClient {
    ActiveDirectoryClient(
      realm: realm, host: controller.name, address: controller.address, credentials: try kerberos(at: controller),
      timeout: timeout, logger: Logger(label: "asactl") { _ in SwiftLogNoOpLogHandler() })
  }
}
