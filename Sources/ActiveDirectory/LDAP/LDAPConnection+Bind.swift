import CLDAP
import RotationCore

/// What the SASL callback is given, and what it did.
private struct InteractionRecord {
  let credential: UnsafeMutableRawPointer
  var result: Int32?
}

extension LDAPConnection {
  /// Binds with SASL GSSAPI (RFC 4752) under this credential and no other, and refuses a connection that is not sealed.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if the server does not answer, `.permission` if it refuses us or offers less
  ///   than ``requiredStrength`` bits.
  func bind(with credential: any InitiatorCredential) throws(OperatorFault) {
    let (code, record) = credential.withHandle { handle in
      var record = InteractionRecord(credential: handle)
      // libldap makes its SASL context inside the bind and asks for the interaction before the mechanism starts: the only
      // moment at which the credential can be handed over. Without it the process's default credential cache would be used.
      let code = ldap_sasl_interactive_bind_s(
        self.handle, nil, "GSSAPI", nil, nil, UInt32(LDAP_SASL_QUIET),
        { connection, _, record, prompts in supply(connection, record, prompts) }, &record)
      return (code, record)
    }
    guard code == LDAP_SUCCESS else { throw bindFault(code) }
    guard record.result == LDAP_OPT_SUCCESS else {
      throw OperatorFault(
        .software, "libldap", "did not take the credential for \(host), so the bind was made as somebody else and is not used")
    }
    let strength = readStrength()
    guard strength >= Self.requiredStrength else {
      throw OperatorFault(
        .permission, "domain controller \(host)",
        "sealed the connection with \(strength) bits, and \(Self.requiredStrength) are required",
        remedy: "allow AES encryption types for the rotator's account and for the domain controller")
    }
    try finishBind(strength: strength)
  }

  private func readStrength() -> Int {
    var strength = ber_len_t(0)
    return ldap_get_option(handle, LDAP_OPT_X_SASL_SSF, &strength) == LDAP_OPT_SUCCESS ? Int(strength) : 0
  }

  private func bindFault(_ code: Int32) -> OperatorFault {
    let result = LDAPResult(code: code, diagnostic: "\(Self.text(of: code)) \(diagnosticMessage())")
    let unavailable = [LDAP_SERVER_DOWN, LDAP_TIMEOUT, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE, LDAP_BUSY].contains(code)
    if unavailable {
      return OperatorFault(.unavailable, "domain controller \(host)", "did not answer the bind (LDAP \(result))")
    }
    // GSSAPI asks for the name that DNS makes of ours, unless krb5.conf says otherwise, and then our ticket does not fit.
    return OperatorFault(
      .permission, "domain controller \(host)", "refused a bind with at least \(Self.requiredStrength) bits (LDAP \(result))",
      remedy:
        "check the keytab or the ticket of whoever asks, that libsasl2-modules-gssapi-mit is installed, and that krb5.conf sets "
        + "dns_canonicalize_hostname = false if DNS gives the controller another name")
  }

  private func diagnosticMessage() -> String {
    var text: UnsafeMutablePointer<CChar>?
    guard ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) == LDAP_OPT_SUCCESS, let text else { return "" }
    defer { ldap_memfree(text) }
    return String(cString: text)
  }
}

/// The SASL callback: sets the credential, and answers each question (the only one is who to act as) with nothing.
private func supply(
  _ connection: OpaquePointer?, _ record: UnsafeMutableRawPointer?, _ prompts: UnsafeMutableRawPointer?
) -> Int32 {
  guard let record = record?.assumingMemoryBound(to: InteractionRecord.self) else { return LDAP_PARAM_ERROR }
  let result = ldap_set_option(connection, LDAP_OPT_X_SASL_GSS_CREDS, record.pointee.credential)
  record.pointee.result = result
  guard result == LDAP_OPT_SUCCESS else { return LDAP_LOCAL_ERROR }
  var prompt = prompts?.assumingMemoryBound(to: sasl_interact_t.self)
  while let current = prompt, current.pointee.id != UInt(SASL_CB_LIST_END) {
    current.pointee.result = emptyAnswer
    current.pointee.len = 0
    prompt = current + 1
  }
  return LDAP_SUCCESS
}

// nonisolated(unsafe): one byte that is written before anybody can see it and never again; SASL only reads it.
nonisolated(unsafe) private let emptyAnswer: UnsafeRawPointer = {
  let byte = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
  byte.storeBytes(of: 0, as: UInt8.self)
  return UnsafeRawPointer(byte)
}()
