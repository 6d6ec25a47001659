import CKerberos
package import RotationCore

/// What an acceptor made of an AP-REQ that it accepted.
package struct AcceptedTicket: Sendable, Equatable {
  /// The AP-REP, which only a holder of the ticket's key can make.
  package let reply: [UInt8]
  /// The kvno of the ticket, and so of the key that opened it.
  package let version: KeyVersion
  /// The encryption type of the ticket (RFC 3961 number).
  package let encryptionType: Int32
  /// The client's principal with its realm.
  package let client: String

  /// Makes a result from its parts.
  package init(reply: [UInt8], version: KeyVersion, encryptionType: Int32, client: String) {
    self.reply = reply
    self.version = version
    self.encryptionType = encryptionType
    self.client = client
  }
}

/// Accepts AP-REQs as a Kerberos service does that uses a keytab file.
package enum TicketAcceptor {
  /// Accepts one AP-REQ for an SPN with the key from an installed keytab, and answers it.
  ///
  /// The file is read from disk afresh. The SPN is tried in each of its ``RotationCore/ServicePrincipalName/keytabSpellings``, exactly as written,
  /// with the ticket's kvno and encryption type. There is no replay cache: a request is a test that several nodes, and one node repeatedly, may get.
  ///
  /// - Throws: ``OperatorFault``: `.noInput` if the keytab is missing or has no key of that SPN, kvno and type, `.permission` if it cannot be read or
  ///   its key does not open the ticket, `.data` if it is damaged, `.temporary` if the clocks differ by more than the skew, `.protocol` if the
  ///   request is no AP-REQ.
  package static func accept(
    _ request: [UInt8], for spn: ServicePrincipalName, realm: Realm, keytab path: String
  ) throws(OperatorFault) -> AcceptedTicket {
    let entries = try KeytabFile.read(path)
    let spelling = spn.keytabSpellings.first { spelling in
      entries.contains { $0.realm == realm && $0.principal == spelling }
    }
    guard let spelling else {
      throw OperatorFault(.noInput, "keytab \(path)", "holds no key of \(spn)@\(realm)")
    }
    do throws(LibraryFailure) {
      return try answer(request, as: "\(spelling)@\(realm)", keytab: path)
    } catch {
      throw fault(error, "\(spelling)@\(realm)", path)
    }
  }

  private static func answer(
    _ request: [UInt8], as service: String, keytab path: String
  ) throws(LibraryFailure) -> AcceptedTicket {
    let exchange = try AuthenticationExchange()
    let context = exchange.context
    // Without DO_TIME libkrb5 opens no replay cache; it checks the authenticator's time all the same.
    try context.check(krb5_auth_con_setflags(context.raw, exchange.raw, 0))
    return try context.withPrincipal(service) { (server) throws(LibraryFailure) in
      try context.withKeytab(path) { (keytab) throws(LibraryFailure) in
        try exchange.accept(request, as: server, keytab)
      }
    }
  }

  private static func fault(_ failure: LibraryFailure, _ service: String, _ path: String) -> OperatorFault {
    let subject = "keytab \(path)"
    let reason = "\(failure.message) (\(failure.code))"
    return switch Int(failure.code) {
    case Int(KRB5_KT_NOTFOUND), Int(KRB5_KT_KVNONOTFOUND), Int(KRB5KRB_AP_ERR_NOKEY), Int(KRB5KRB_AP_ERR_BADKEYVER):
      OperatorFault(.noInput, subject, "has no key for the ticket of \(service): \(reason)")
    case Int(KRB5KRB_AP_ERR_BAD_INTEGRITY), Int(KRB5KRB_AP_WRONG_PRINC), Int(KRB5KRB_AP_ERR_NOT_US):
      OperatorFault(.permission, subject, "its key of \(service) does not open the ticket: \(reason)")
    case Int(KRB5KRB_AP_ERR_SKEW), Int(KRB5KRB_AP_ERR_TKT_EXPIRED), Int(KRB5KRB_AP_ERR_TKT_NYV):
      OperatorFault(.temporary, "ticket for \(service)", reason, remedy: "set this machine's clock by the domain's time source")
    default: OperatorFault(.protocol, "AP-REQ for \(service)", reason)
    }
  }
}

extension AuthenticationExchange {
  fileprivate func accept(
    _ request: [UInt8], as server: krb5_principal, _ keytab: krb5_keytab
  ) throws(LibraryFailure) -> AcceptedTicket {
    var mine: krb5_auth_context? = raw
    var opened: UnsafeMutablePointer<krb5_ticket>?
    let code = withLibraryData(request) { krb5_rd_req(context.raw, &mine, $0, server, keytab, nil, &opened) }
    let ticket = try context.require(opened, code)
    defer { krb5_free_ticket(context.raw, ticket) }
    var reply = krb5_data()
    try context.check(krb5_mk_rep(context.raw, raw, &reply))
    defer { krb5_free_data_contents(context.raw, &reply) }
    return AcceptedTicket(
      reply: Array(reply.bytes), version: KeyVersion(ticket.pointee.enc_part.kvno),
      encryptionType: ticket.pointee.enc_part.enctype, client: context.text(of: ticket.pointee.enc_part2?.pointee.client))
  }
}
