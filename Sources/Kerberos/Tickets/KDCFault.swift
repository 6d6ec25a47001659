import CKerberos
import RotationCore

/// What was asked of a KDC, to tell a person what its refusal means.
struct KDCQuestion {
  enum Matter {
    /// A ticket-granting ticket for our own principal, from our own keytab.
    case ownTicket(keytab: String)
    /// The ticket-granting ticket that somebody's credential cache holds.
    case cachedTicket(cache: String)
    /// A service ticket.
    case serviceTicket(ServicePrincipalName)
    /// The salt of another account's key.
    case salt(of: String)
  }

  let kdc: KDCEndpoint
  let client: String
  let matter: Matter

  /// Whether the KDC did not take the key that it was shown.
  static func isKeyRefusal(_ failure: LibraryFailure) -> Bool {
    [Int(KRB5KDC_ERR_PREAUTH_FAILED), Int(KRB5KRB_AP_ERR_BAD_INTEGRITY)].contains(Int(failure.code))
  }

  /// Classifies libkrb5's answer by its code, never by its text.
  func fault(_ failure: LibraryFailure, transport: TransportFailure?) -> OperatorFault {
    if failure.code == krb5_error_code(KRB5_KDC_UNREACH) { return unreachable(transport) }
    return cacheFault(failure) ?? clockFault(failure) ?? clientFault(failure) ?? serverFault(failure) ?? otherFault(failure)
  }

  private var subject: String { "KDC \(kdc)" }

  private func unreachable(_ transport: TransportFailure?) -> OperatorFault {
    let problem = transport?.problem ?? "no answer"
    guard transport?.reason != .protocolBroken else { return OperatorFault(.protocol, subject, problem) }
    return OperatorFault(
      .unavailable, subject, "cannot be reached for \(client): \(problem)",
      remedy: "check the name, the network and port \(kdc.port)/tcp")
  }

  private func cacheFault(_ failure: LibraryFailure) -> OperatorFault? {
    guard case .cachedTicket(let cache) = matter else { return nil }
    return switch Int(failure.code) {
    case Int(KRB5_FCC_NOFILE), Int(KRB5_CC_NOTFOUND), Int(KRB5_CC_END), Int(KRB5_CC_FORMAT), Int(KRB5_FCC_PERM),
      Int(KRB5_CC_BADNAME), Int(KRB5_CC_UNKNOWN_TYPE), Int(KRB5_CC_IO):
      OperatorFault(
        .permission, "ticket cache \(cache)",
        "holds no ticket-granting ticket of this realm that is valid now: \(failure.message)",
        remedy: "sign on with kinit")
    default: nil
    }
  }

  private func clockFault(_ failure: LibraryFailure) -> OperatorFault? {
    switch Int(failure.code) {
    case Int(KRB5KRB_AP_ERR_SKEW), Int(KRB5_KDCREP_SKEW), Int(KRB5KRB_AP_ERR_TKT_NYV), Int(KRB5KRB_AP_ERR_TKT_EXPIRED),
      Int(KRB5KDC_ERR_NEVER_VALID):
      OperatorFault(
        .temporary, subject, "its clock and ours differ by more than the domain allows (asking as \(client))",
        remedy: "set this machine's clock by the domain's time source")
    default: nil
    }
  }

  private func clientFault(_ failure: LibraryFailure) -> OperatorFault? {
    switch Int(failure.code) {
    case Int(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN): unknownClient
    case Int(KRB5KDC_ERR_PREAUTH_FAILED), Int(KRB5KRB_AP_ERR_BAD_INTEGRITY):
      OperatorFault(
        .permission, subject, "refuses the key of \(client)\(keytabText)",
        remedy: "export the account's keytab anew; its password was probably changed since")
    case Int(KRB5KDC_ERR_CLIENT_REVOKED), Int(KRB5KDC_ERR_NAME_EXP), Int(KRB5KDC_ERR_KEY_EXP), Int(KRB5KDC_ERR_POLICY),
      Int(KRB5KDC_ERR_CLIENT_NOTYET):
      OperatorFault(
        .permission, subject, "refuses \(client): \(failure.message)",
        remedy: "see whether the account is disabled, locked, expired or barred from this host")
    case Int(KRB5_KT_NOTFOUND), Int(KRB5_KT_KVNONOTFOUND):
      OperatorFault(.noInput, subject, "no key for \(client)\(keytabText) that it would take: \(failure.message)")
    default: nil
    }
  }

  private var unknownClient: OperatorFault {
    guard case .salt = matter else {
      return OperatorFault(
        .permission, subject, "does not know \(client)\(keytabText)", remedy: "check the principal's name and realm")
    }
    return OperatorFault(.noInput, subject, "does not know \(client)", remedy: "check the account's name")
  }

  private var keytabText: String {
    guard case .ownTicket(let keytab) = matter else { return "" }
    return " from keytab \(keytab)"
  }

  private func serverFault(_ failure: LibraryFailure) -> OperatorFault? {
    guard case .serviceTicket(let name) = matter else { return nil }
    return switch Int(failure.code) {
    case Int(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN), Int(KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE):
      OperatorFault(
        .noInput, subject, "gives \(client) no ticket for \(name): no account, or more than one, has that SPN",
        remedy: "register it on the one account with setspn -S, or samba-tool spn add")
    case Int(KRB5KDC_ERR_MUST_USE_USER2USER):
      OperatorFault(
        .noInput, subject, "gives \(client) no ticket for \(name): it is a user account without an SPN",
        remedy: "register an SPN of it first with setspn -S, or samba-tool spn add; a computer account needs none for that")
    case Int(KRB5KDC_ERR_ETYPE_NOSUPP):
      OperatorFault(
        .configuration, subject, "has no encryption type in common with us for \(name)",
        remedy: "set msDS-SupportedEncryptionTypes of its account to 24")
    default: nil
    }
  }

  private func otherFault(_ failure: LibraryFailure) -> OperatorFault {
    let problem = "\(failure.message) (\(failure.code), asking as \(client))"
    switch Int(failure.code) {
    case Int(KRB5KDC_ERR_SVC_UNAVAILABLE): return OperatorFault(.unavailable, subject, problem)
    case Int(KRB5KDC_ERR_ETYPE_NOSUPP), Int(KRB5KDC_ERR_WRONG_REALM), Int(KRB5_REALM_UNKNOWN):
      return OperatorFault(.configuration, subject, problem, remedy: "check the realm and the account's encryption types")
    default: return OperatorFault(.protocol, subject, problem)
    }
  }
}
