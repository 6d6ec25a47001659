import CKerberos
import RotationCore
import SecretMemory

/// One sign-on at one KDC, with our keytab or with a ticket that somebody has already: a ticket-granting ticket and nothing else in a fresh cache.
final class InitiatorSession {
  let cache: CredentialCache
  private let identity: InitiatorIdentity
  private var context: LibraryContext { cache.context }

  convenience init(_ identity: InitiatorIdentity) throws(OperatorFault) {
    try self.init(preparing: identity)
    do { try signOn() } catch { throw fault(error) }
  }

  private init(preparing identity: InitiatorIdentity) throws(OperatorFault) {
    try identity.requireKeytabEntry()
    let context = try identity.makeContext()
    self.identity = identity
    do { cache = try CredentialCache(in: context) } catch { throw error.unexpected("Kerberos cache for \(identity.client)") }
  }

  /// Whether the KDC takes our key.
  ///
  /// - Throws: ``OperatorFault`` if it says neither yes nor no.
  static func isKeyTaken(_ identity: InitiatorIdentity) throws(OperatorFault) -> Bool {
    let session = try InitiatorSession(preparing: identity)
    do {
      try session.signOn()
      return true
    } catch {
      guard KDCQuestion.isKeyRefusal(error) else { throw session.fault(error) }
      return false
    }
  }

  private func fault(_ failure: LibraryFailure) -> OperatorFault {
    identity.signOnQuestion.fault(failure, transport: context.transportFailure)
  }

  private func signOn() throws(LibraryFailure) {
    switch identity.credential {
    case .keytab(_, let path): try signOn(withKeytab: path)
    case .ticketCache(let name): try cache.fill(fromTicketOf: name, realm: identity.realm)
    }
  }

  private func signOn(withKeytab path: String) throws(LibraryFailure) {
    let context = context
    let cache = cache
    try context.withPrincipal(identity.client) { (client) throws(LibraryFailure) in
      var credential = try initialCredential(of: client, keytab: path)
      defer { krb5_free_cred_contents(context.raw, &credential) }
      try cache.fill(for: client, &credential)
    }
  }

  /// Steps through the AS exchange once. `krb5_get_init_creds_keytab` would ask a "primary" KDC again after a refusal, and each refusal counts
  /// towards the account's lockout.
  private func initialCredential(of client: krb5_principal, keytab path: String) throws(LibraryFailure) -> krb5_creds {
    let context = context
    var started: krb5_init_creds_context?
    let code = krb5_init_creds_init(context.raw, client, nil, nil, 0, nil, &started)
    let exchange = try context.require(started, code)
    defer { krb5_init_creds_free(context.raw, exchange) }
    return try context.withKeytab(path) { (keytab) throws(LibraryFailure) in
      try context.check(krb5_init_creds_set_keytab(context.raw, exchange, keytab))
      try context.check(krb5_init_creds_get(context.raw, exchange))
      var credential = krb5_creds()
      try context.check(krb5_init_creds_get_creds(context.raw, exchange, &credential))
      return credential
    }
  }

  /// Gets a service ticket with TGS-REQ and leaves it in the cache.
  ///
  /// - Returns: What `body` makes of the credential, which is lent.
  func withServiceTicket<Result>(
    for name: ServicePrincipalName, _ body: (krb5_creds) throws(LibraryFailure) -> Result
  ) throws(OperatorFault) -> Result {
    do throws(LibraryFailure) {
      return try requestServiceTicket(name, body)
    } catch {
      throw identity.question(.serviceTicket(name)).fault(error, transport: context.transportFailure)
    }
  }

  private func requestServiceTicket<Result>(
    _ name: ServicePrincipalName, _ body: (krb5_creds) throws(LibraryFailure) -> Result
  ) throws(LibraryFailure) -> Result {
    let context = context
    let cache = cache
    let realm = identity.realm
    return try cache.withOwner { (client) throws(LibraryFailure) in
      try context.withPrincipal("\(name)@\(realm)") { (server) throws(LibraryFailure) in
        var wanted = krb5_creds()
        wanted.client = client
        wanted.server = server
        var issued: UnsafeMutablePointer<krb5_creds>?
        let code = krb5_get_credentials(context.raw, 0, cache.raw, &wanted, &issued)
        let credential = try context.require(issued, code)
        defer { krb5_free_creds(context.raw, credential) }
        return try body(credential.pointee)
      }
    }
  }

  /// Gets a service ticket in a form that is bound to no context.
  func issuedTicket(for name: ServicePrincipalName) throws(OperatorFault) -> ServiceTicket {
    let context = context
    return try withServiceTicket(for: name) { (credential) throws(LibraryFailure) in
      try IssuedTicket.make(from: credential, for: name, in: context)
    }
  }
}
