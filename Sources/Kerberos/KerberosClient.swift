package import RotationCore
package import SecretMemory

/// Kerberos against one domain controller, as the rotator's own principal.
///
/// Every operation signs on anew, with a libkrb5 context, a cache and a deadline of its own, so that no answer comes from an earlier one and no other
/// KDC, configuration file or environment variable has a say. The calls block, on a thread of this actor's.
package actor KerberosClient {
  private let executor: BlockingExecutor
  let identity: InitiatorIdentity
  private let computation = KeyComputation()

  /// The thread that the blocking calls run on.
  nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Aims at one KDC; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - realm: The realm of the KDC and of our principal.
  ///   - kdc: A host name or an address, with an optional port (default 88): `dc1.lab.example`, `10.0.0.1:88`, `[fd00::1]:88`.
  ///   - principal: Our principal without its realm.
  ///   - keytab: The path of our keytab, read afresh by every operation.
  ///   - timeout: The longest that one operation, with all its exchanges, may take.
  /// - Throws: ``OperatorFault`` of kind `.configuration` if `kdc` or `principal` cannot be one.
  package init(
    realm: Realm, kdc: String, principal: String, keytab: String, timeout: Duration
  ) throws(OperatorFault) {
    let endpoint = try KDCEndpoint(kdc)
    guard !principal.isEmpty, !principal.contains("@") else {
      throw OperatorFault(
        .configuration, "principal '\(principal)'", "is not a name without a realm", remedy: "write it as svc-asa-rotator")
    }
    identity = InitiatorIdentity(
      realm: realm, kdc: endpoint, credential: .keytab(principal: principal, path: keytab), timeout: timeout)
    executor = BlockingExecutor(label: "kerberos \(endpoint)")
  }

  /// Aims at one KDC as whoever has signed on into a credential cache; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - realm: The realm of the KDC and of the ticket.
  ///   - kdc: As for ``init(realm:kdc:principal:keytab:timeout:)``.
  ///   - ticketCache: The cache's name with its type, for example `FILE:/tmp/krb5cc_0`; read afresh by every operation and never written.
  ///   - timeout: The longest that one operation, with all its exchanges, may take.
  /// - Throws: ``OperatorFault`` of kind `.configuration` if `kdc` cannot be one.
  package init(realm: Realm, kdc: String, ticketCache: String, timeout: Duration) throws(OperatorFault) {
    let endpoint = try KDCEndpoint(kdc)
    identity = InitiatorIdentity(realm: realm, kdc: endpoint, credential: .ticketCache(ticketCache), timeout: timeout)
    executor = BlockingExecutor(label: "kerberos \(endpoint)")
  }
}

extension KerberosClient: TicketChecking {
  /// Derives one key per encryption type; no exchange that is under way is waited for.
  nonisolated package func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    try await computation.keys(from: password, salt: salt, encryptionTypes: encryptionTypes)
  }

  /// Gets a new service ticket: AS exchange and TGS exchange, both now.
  package func requestTicket(for servicePrincipalName: ServicePrincipalName) throws(OperatorFault) -> ServiceTicket {
    try InitiatorSession(identity).issuedTicket(for: servicePrincipalName)
  }

  /// Asks the KDC for the account's salt, without signing on.
  package func announcedSalt(of samAccountName: String) throws(OperatorFault) -> String {
    try SaltProbe(identity: identity, account: samAccountName).announcedSalt()
  }

  /// Checks a node's checksum; no exchange that is under way is waited for.
  nonisolated package func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool {
    await computation.verifies(checksum, over: message, with: key)
  }
}

extension KerberosClient {
  /// Whether the KDC takes our key: `false` if the password was changed since, or has not replicated to it yet. Each refusal counts towards the
  /// account's lockout.
  ///
  /// - Throws: ``OperatorFault``, as ``requestTicket(for:)``.
  package func isOwnKeyTaken() throws(OperatorFault) -> Bool { try InitiatorSession.isKeyTaken(identity) }
}

extension KerberosClient: InitiatorCredentialSource {
  /// Signs on and gets the one service ticket that the SASL layer will look for.
  package func credential(
    for servicePrincipalName: ServicePrincipalName
  ) throws(OperatorFault) -> any InitiatorCredential {
    let session = try InitiatorSession(identity)
    try session.withServiceTicket(for: servicePrincipalName) { _ in }
    return try SecurityCredential(over: session.cache)
  }
}
