import CLDAP
import Foundation
package import RotationCore

/// Looking at a domain controller from outside, for whoever has to find out why Kerberos does not work.
extension ActiveDirectoryClient {
  /// Asks what it tells to anybody. Nobody signs on, and no password is sent.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if it does not answer.
  package func greet() throws(OperatorFault) -> ControllerGreeting {
    let connection = try LDAPConnection(host: host, address: address, port: Self.port, timeout: timeout)
    let asked = Date()
    do throws(LDAPFailure) {
      let entry = try connection.read("", ["dnsHostName", "defaultNamingContext", "currentTime"])
      let middle = asked.addingTimeInterval(Date().timeIntervalSince(asked) / 2)
      guard let entry, let time = entry.text("currentTime").flatMap(DirectoryTime.generalized) else {
        throw .fault(OperatorFault(.protocol, "domain controller \(host)", "does not tell its time at the root of the tree"))
      }
      return ControllerGreeting(
        dnsHostName: entry.text("dnsHostName") ?? host, clockOffset: time.timeIntervalSince(middle),
        plainBind: plainBind(in: entry.text("defaultNamingContext") ?? ""))
    } catch { throw error.fault(from: host) }
  }

  /// Binds as nobody, with no password: an unauthenticated bind (RFC 4513 section 5.1.2), which gives nothing away. A server that wants
  /// encryption says so before it looks at the name.
  private func plainBind(in domain: String) -> ControllerGreeting.PlainBind {
    guard let connection = try? LDAPConnection(host: host, address: address, port: Self.port, timeout: timeout) else {
      return .unknown
    }
    return switch connection.resultOfUnauthenticatedBind(as: "CN=no-such-account,\(domain)") {
    case LDAP_STRONG_AUTH_REQUIRED: .refused
    case LDAP_INVALID_CREDENTIALS: .taken
    default: .unknown
    }
  }

  /// Reads everything that rotations of these accounts depend on.
  ///
  /// - Throws: ``OperatorFault``, as ``readAccount(_:)``; an account that does not exist is none.
  package func examine(_ query: ExaminationQuery) async throws(OperatorFault) -> DirectoryExamination {
    try await reading { (connection) throws(LDAPFailure) in
      let root = try RootEntry(over: connection)
      let domain = DomainReader(connection: connection, root: root)
      let describer = AccountDescriber(
        connection: connection, root: root, realm: realm, stampAttribute: query.stampAttribute)
      let reader = PrincipalReader(connection: connection, describer: describer)
      let rotator = try? TrusteeReader(connection: connection, root: root, realm: realm).find(query.rotator)
      let rights = RightsReader(connection: connection, root: root, realm: realm, stampAttribute: query.stampAttribute)
      var accounts: [AccountName: ExaminedAccount] = [:]
      for name in query.accounts {
        guard let principal = try reader.principal(.named(name.samAccountName)) else { continue }
        // A principal whose groups cannot be read has rights that nobody knows.
        let known = rotator.flatMap { $0.token.count > 1 ? try? rights.rights(of: $0, on: principal.account.objectGUID) : nil }
        accounts[name] = ExaminedAccount(principal: principal, rights: known)
      }
      let own = rotator.flatMap { found in
        // What somebody who is not the rotator may not read of it is no reason to know nothing of the rest.
        try? reader.principal(.named(found.trustee.name.split(separator: "\\").last.map(String.init) ?? query.rotator))
      }
      return DirectoryExamination(
        server: try domain.server(), controllers: try domain.controllers(), accounts: accounts, rotator: own)
    }
  }
}

extension LDAPConnection {
  /// The result code of a simple bind with a name and an empty password.
  fileprivate func resultOfUnauthenticatedBind(as name: String) -> Int32 {
    var nothing = berval(bv_len: 0, bv_val: nil)
    return ldap_sasl_bind_s(handle, name, nil, &nothing, nil, nil, nil)
  }
}
