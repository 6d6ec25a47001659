import Foundation
package import Logging
package import RotationCore
import SecretMemory

/// One domain controller over LDAP, sealed with GSSAPI under the rotator's own credential.
///
/// It keeps one connection, made when first needed and made anew when it has broken. libldap blocks, so everything runs on a
/// thread of its own and every wait is bounded by `timeout`.
package actor ActiveDirectoryClient: PasswordDirectory, ReplicaReading {
  nonisolated private let executor: BlockingExecutor
  let realm: Realm
  let host: String
  let address: String?
  private let credentials: any InitiatorCredentialSource
  let timeout: Duration
  private let logger: Logger
  private var connection: LDAPConnection?

  static let port: UInt16 = 389
  static let globalCatalogPort: UInt16 = 3268

  /// Prepares to talk to one domain controller; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - realm: The realm that it must serve.
  ///   - host: Its DNS name as in its SPN `ldap/NAME`.
  ///   - address: Where to connect instead of resolving `host`.
  ///   - credentials: Gives the credential for `ldap/HOST`.
  ///   - timeout: The longest wait for a connection and for each answer.
  ///   - logger: Gets what happens to the connection, at debug level, and what could not be checked, as a warning.
  package init(
    realm: Realm, host: String, address: String?, credentials: any InitiatorCredentialSource, timeout: Duration,
    logger: Logger
  ) {
    executor = BlockingExecutor(label: "ldap \(host)")
    self.realm = realm
    self.host = host
    self.address = address
    self.credentials = credentials
    self.timeout = timeout
    self.logger = logger
  }

  /// The blocking thread on which this actor runs.
  nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Reads the account, our rights on it, duplicate SPNs in the forest, and what the server says of itself.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if no DC answers, `.permission` if the bind is refused or the SSF is below
  ///   128, `.noInput` if the account or its domain does not exist here, `.data` if its objectGUID is not the one bound,
  ///   `.configuration` if the stamp attribute does not fit or the server is of another realm.
  package func readAccount(_ query: AccountQuery) async throws(OperatorFault) -> DirectoryAccount {
    // A connection keeps the group memberships that its bind found; rights granted or taken since then show on a new one only.
    connection = nil
    var (account, root) = try await reading { connection throws(LDAPFailure) in
      let root = try RootEntry(over: connection)
      let domain = DomainReader(connection: connection, root: root)
      try domain.checkDomain(is: realm, named: query.name.domain)
      let reader = AccountReader(connection: connection, query: query)
      var account = try reader.account(root: root, server: domain.server())
      account.domainControllers = try domain.controllers()
      return (account, root)
    }
    account.conflictingHolders = try await conflictingHolders(query, of: account.objectGUID, root)
    return account
  }

  /// Reads stamp and kvno together.
  ///
  /// - Throws: ``OperatorFault``, as ``readAccount(_:)``.
  package func readState(of query: AccountQuery) async throws(OperatorFault) -> AccountState {
    try await reading { connection throws(LDAPFailure) in
      try checkController(query, over: connection)
      return try AccountReader(connection: connection, query: query).state()
    }
  }

  /// Whether this is the controller of an identity (``DirectoryServer/identity``); `nil` while it does not answer. A controller's identity stays
  /// the same for as long as a connection to it lives.
  package func isIdentified(as pinned: String) async -> Bool? {
    do throws(OperatorFault) {
      return try await reading { connection throws(LDAPFailure) in
        try DomainReader(connection: connection, root: RootEntry(over: connection)).identity() == pinned
      }
    } catch { return nil }
  }

  /// Whether it says that it holds the PDC emulator role; `nil` while it does not answer.
  package func holdsWriterRole() async -> Bool? {
    do throws(OperatorFault) {
      return try await reading { connection throws(LDAPFailure) in
        try DomainReader(connection: connection, root: RootEntry(over: connection)).isPDCEmulator()
      }
    } catch { return nil }
  }

  /// Reads what the controller has of an account, and what it says of itself.
  ///
  /// - Throws: ``OperatorFault``, as ``readAccount(_:)``.
  package func readReplica(of query: AccountQuery) async throws(OperatorFault) -> ReplicaState {
    try await reading { connection throws(LDAPFailure) in
      let domain = DomainReader(connection: connection, root: try RootEntry(over: connection))
      return ReplicaState(
        server: try domain.server(), account: try AccountReader(connection: connection, query: query).state())
    }
  }
}

// MARK: Reading

extension ActiveDirectoryClient {
  /// Runs reads on the connection; a connection that has died since it was last used is replaced once.
  func reading<Result>(
    _ body: (LDAPConnection) throws(LDAPFailure) -> Result
  ) async throws(OperatorFault) -> Result {
    let isReused = connection?.isUsable == true
    let first = try await openConnection()
    do { return try body(first) } catch .connectionLost(let problem) where isReused {
      logger.debug("replacing a broken LDAP connection", metadata: ["dc": "\(host)", "problem": "\(problem)"])
    } catch { throw error.fault(from: host) }
    let second = try await openConnection()
    do { return try body(second) } catch { throw error.fault(from: host) }
  }

  func checkController(_ query: AccountQuery, over connection: LDAPConnection) throws(LDAPFailure) {
    guard query.controller != nil else { return }
    try DomainReader(connection: connection, root: RootEntry(over: connection)).checkIdentity(is: query.controller)
  }

  /// Searches the forest through the global catalog, or at least the domain where the controller has none.
  private func conflictingHolders(
    _ query: AccountQuery, of account: UUID, _ root: RootEntry
  ) async throws(OperatorFault) -> [String: [String]] {
    guard !query.servicePrincipalNames.isEmpty else { return [:] }
    if root.isGlobalCatalog {
      do {
        let catalog = try await bound(port: Self.globalCatalogPort)
        return try AccountReader(connection: catalog, query: query).conflictingHolders(under: "", except: account)
      } catch {
        logger.warning(
          "the global catalog does not answer; duplicate SPNs are looked for in this domain only",
          metadata: ["dc": "\(host)", "problem": "\(error)"])
      }
    }
    return try await reading { connection throws(LDAPFailure) in
      try AccountReader(connection: connection, query: query).conflictingHolders(under: root.domain, except: account)
    }
  }
}

// MARK: Connection

extension ActiveDirectoryClient {
  private func openConnection() async throws(OperatorFault) -> LDAPConnection {
    if let connection, connection.isUsable { return connection }
    connection = nil
    let opened = try await bound(port: Self.port)
    logger.debug("LDAP connection sealed", metadata: ["dc": "\(host)", "ssf": "\(opened.securityStrength)"])
    connection = opened
    return opened
  }

  func bound(port: UInt16) async throws(OperatorFault) -> LDAPConnection {
    let opened = try LDAPConnection(host: host, address: address, port: port, timeout: timeout)
    let credential = try await credentials.credential(for: try ServicePrincipalName("ldap/\(host)"))
    do throws(OperatorFault) { try opened.bind(with: credential) } catch {
      throw error.kind == .permission ? clockFault() ?? error : error
    }
    return opened
  }

  /// Why the bind had to fail with any credential, if the clocks say so. libldap gives a text and no code that would tell.
  private func clockFault() -> OperatorFault? {
    guard let connection = try? LDAPConnection(host: host, address: address, port: Self.port, timeout: timeout) else {
      return nil
    }
    return ClockDifference(with: connection)?.fault
  }
}
