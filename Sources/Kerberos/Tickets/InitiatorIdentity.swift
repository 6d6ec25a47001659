import RotationCore

/// Who we are to a KDC, and where that KDC is.
struct InitiatorIdentity: Sendable {
  /// What we sign on with.
  enum Credential: Sendable {
    /// A keytab that holds the key of a principal, named without its realm.
    case keytab(principal: String, path: String)
    /// The ticket-granting ticket in a credential cache of somebody who has signed on.
    case ticketCache(String)
  }

  let realm: Realm
  let kdc: KDCEndpoint
  let credential: Credential
  let timeout: Duration

  /// Who asks, for a person.
  var client: String {
    switch credential {
    case .keytab(let principal, _): "\(principal)@\(realm)"
    case .ticketCache(let name): "the owner of \(name)"
    }
  }

  func question(_ matter: KDCQuestion.Matter) -> KDCQuestion { KDCQuestion(kdc: kdc, client: client, matter: matter) }

  /// The question whether the KDC signs us on.
  var signOnQuestion: KDCQuestion {
    switch credential {
    case .keytab(_, let path): question(.ownTicket(keytab: path))
    case .ticketCache(let name): question(.cachedTicket(cache: name))
    }
  }

  func makeContext() throws(OperatorFault) -> LibraryContext {
    do {
      return try .aimed(at: kdc, realm: realm, timeout: timeout)
    } catch {
      throw error.unexpected("Kerberos context for KDC \(kdc)")
    }
  }

  /// Looks into our keytab before the KDC is asked, because libkrb5 says less about what is wrong with it.
  func requireKeytabEntry() throws(OperatorFault) {
    guard case .keytab(let principal, let keytab) = credential else { return }
    let entries = try KeytabFile.read(keytab)
    let name = PrincipalComponents(parsing: principal)
    guard entries.contains(where: { $0.realm == realm && PrincipalComponents(parsing: $0.principal) == name }) else {
      let held = Set(entries.map { "\($0.principal)@\($0.realm)" }).sorted()
      throw OperatorFault(
        .noInput, "keytab \(keytab)",
        "holds no key of \(client), but of \(held.isEmpty ? "nobody" : held.joined(separator: ", "))",
        remedy: "correct the principal or export its keytab")
    }
  }
}
