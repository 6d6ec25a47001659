import RotationCore

/// Who we are to a KDC, and where that KDC is.
struct InitiatorIdentity: Sendable {
  let realm: Realm
  let kdc: KDCEndpoint
  /// Our principal without its realm.
  let principal: String
  let keytab: String
  let timeout: Duration

  var client: String { "\(principal)@\(realm)" }

  func question(_ matter: KDCQuestion.Matter) -> KDCQuestion { KDCQuestion(kdc: kdc, client: client, matter: matter) }

  func makeContext() throws(OperatorFault) -> LibraryContext {
    do {
      return try .aimed(at: kdc, realm: realm, timeout: timeout)
    } catch {
      throw error.unexpected("Kerberos context for KDC \(kdc)")
    }
  }

  /// Looks into our keytab before the KDC is asked, because libkrb5 says less about what is wrong with it.
  func requireKeytabEntry() throws(OperatorFault) {
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
