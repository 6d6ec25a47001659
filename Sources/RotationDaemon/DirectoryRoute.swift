import ActiveDirectory
import Kerberos
import RotationCore
import SecretMemory

/// The domain controllers of one directory, as one account uses them: one is written to, the others are read.
///
/// Which one is written to is found when it is first needed: the one that holds the PDC emulator role, or the only candidate. A rotation's own
/// reads and writes stay on the controller that its plan is pinned to, whatever becomes of the role.
actor DirectoryRoute {
  private let controllers: ControllerCatalog
  /// Whether the writer is whichever holds the PDC emulator role.
  private let isPinnedToRole: Bool
  private var candidates: WriterCandidates
  private var current: String
  /// Whether ``current`` has once been found to hold the role.
  private var isSettled = false

  init(_ controllers: ControllerCatalog, isPinnedToRole: Bool, candidates: WriterCandidates) {
    self.controllers = controllers
    self.isPinnedToRole = isPinnedToRole
    self.candidates = candidates
    current = candidates.known.first ?? ""
  }

  private var mayMove: Bool { isPinnedToRole && (candidates.known.count > 1 || controllers.configured == nil) }

  private var client: ActiveDirectoryClient {
    get throws(OperatorFault) { try controllers.ports(for: current).directory }
  }

  private var kerberos: KerberosClient {
    get throws(OperatorFault) { try controllers.ports(for: current).kerberos }
  }

  private func findCandidates() async throws(OperatorFault) {
    guard candidates.known.isEmpty else { return }
    candidates = try await candidates.found()
    if current.isEmpty { current = candidates.known.first ?? "" }
  }
}

// MARK: - LDAP

extension DirectoryRoute: PasswordDirectory {
  func readAccount(_ query: AccountQuery) async throws(OperatorFault) -> DirectoryAccount {
    try await follow(query)
    let here: Result<DirectoryAccount, OperatorFault>
    do throws(OperatorFault) { here = .success(try await client.readAccount(query)) } catch { here = .failure(error) }
    if !mayMove || query.controller != nil { return try here.get() }
    if case .success(let account) = here, account.server.isPDCEmulator {
      isSettled = true
      return account
    }
    var names = candidates.known
    if case .success(let account) = here, controllers.configured == nil {
      names += account.domainControllers.map(\.dnsHostName)
    }
    guard let holder = try await first(of: names, where: { await $0.holdsWriterRole() }) else { return try here.get() }
    (current, isSettled) = (holder, true)
    return try await client.readAccount(query)
  }

  func readState(of query: AccountQuery) async throws(OperatorFault) -> AccountState {
    try await follow(query)
    return try await client.readState(of: query)
  }

  func swapStamp(of query: AccountQuery, from expected: Stamp?, to replacement: Stamp) async -> DirectoryWriteAnswer {
    do throws(OperatorFault) {
      try await follow(query)
      return await (try client).swapStamp(of: query, from: expected, to: replacement)
    } catch { return .notSent(error) }
  }

  func setPassword(
    of query: AccountQuery, to password: SecretBytes, from expected: Stamp, to replacement: Stamp
  ) async -> DirectoryWriteAnswer {
    do throws(OperatorFault) {
      try await follow(query)
      return await (try client).setPassword(of: query, to: password, from: expected, to: replacement)
    } catch { return .notSent(error) }
  }

  func resetPassword(of query: AccountQuery, to password: SecretBytes) async -> DirectoryWriteAnswer {
    do throws(OperatorFault) {
      try await follow(query)
      return await (try client).resetPassword(of: query, to: password)
    } catch { return .notSent(error) }
  }

  func writeEncryptionTypes(
    of query: AccountQuery, from expected: UInt32?, to replacement: UInt32
  ) async -> DirectoryWriteAnswer {
    do throws(OperatorFault) {
      try await follow(query)
      return await (try client).writeEncryptionTypes(of: query, from: expected, to: replacement)
    } catch { return .notSent(error) }
  }

  /// What is pinned to a controller goes there, although the route has begun with another one since. What is not goes to the writer, and not to
  /// one that may be behind.
  private func follow(_ query: AccountQuery) async throws(OperatorFault) {
    try await findCandidates()
    guard mayMove else { return }
    guard let pinned = query.controller else { return try await settle() }
    if try await client.isIdentified(as: pinned) != true {
      guard let holder = try await first(of: candidates.known, where: { await $0.isIdentified(as: pinned) }) else { return }
      current = holder
    }
    // Its tickets come from there, too.
    isSettled = true
  }

  private func settle() async throws(OperatorFault) {
    guard !isSettled, let holder = try await first(of: candidates.known, where: { await $0.holdsWriterRole() }) else { return }
    (current, isSettled) = (holder, true)
  }

  /// Asks all of them at once: one that is silent takes the whole time that an exchange may take.
  private func first(
    of names: [String], where fits: @escaping @Sendable (ActiveDirectoryClient) async -> Bool?
  ) async throws(OperatorFault) -> String? {
    var clients: [(String, ActiveDirectoryClient)] = []
    for name in names { clients.append((name, try controllers.ports(for: name).directory)) }
    let found = await withTaskGroup(of: String?.self) { group in
      for (name, client) in clients { group.addTask { await fits(client) == true ? name : nil } }
      return await group.reduce(into: Set<String>()) { if let name = $1 { $0.insert(name) } }
    }
    return names.first { found.contains($0) }
  }
}

// MARK: - Kerberos

extension DirectoryRoute: TicketChecking {
  func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    try await kerberos.deriveKeys(from: password, salt: salt, encryptionTypes: encryptionTypes)
  }

  func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    try await findCandidates()
    if mayMove { try await settle() }
    return try await kerberos.requestTicket(for: servicePrincipalName)
  }

  func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String {
    try await kerberos.announcedSalt(of: samAccountName)
  }

  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool {
    do throws(OperatorFault) { return try await kerberos.verifies(checksum, over: message, with: key) } catch { return false }
  }
}
