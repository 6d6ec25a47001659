import CKerberos
import RotationCore

/// Asks a KDC for the string-to-key parameters of an account (ETYPE-INFO2, RFC 4120 section 5.2.7.5), which it tells before it knows who asks.
struct SaltProbe {
  let identity: InitiatorIdentity
  let account: String

  func announcedSalt() throws(OperatorFault) -> String {
    let principal = "\(PrincipalComponents([account]).text)@\(identity.realm)"
    let context = try identity.makeContext()
    do throws(LibraryFailure) {
      let (salt, parameters) = try ask(principal, in: context)
      guard parameters.isEmpty || parameters == KeyDerivation.parameters else { throw unusual(parameters, principal) }
      return salt
    } catch {
      let question = KDCQuestion(kdc: identity.kdc, client: principal, matter: .salt(of: account))
      throw question.fault(error, transport: context.transportFailure)
    }
  }

  private func ask(
    _ principal: String, in context: LibraryContext
  ) throws(LibraryFailure) -> (salt: String, parameters: [UInt8]) {
    var type: krb5_enctype = 0
    var salt = krb5_data()
    var parameters = krb5_data()
    defer {
      krb5_free_data_contents(context.raw, &salt)
      krb5_free_data_contents(context.raw, &parameters)
    }
    try context.withPrincipal(principal) { (client) throws(LibraryFailure) in
      try context.check(krb5_get_etype_info(context.raw, client, nil, &type, &salt, &parameters))
    }
    // Without an encryption type that has a salt nothing is announced; libkrb5 then answers with one of its own.
    guard EncryptionType(rawValue: type)?.isSalted == true else {
      throw LibraryFailure(
        code: krb5_error_code(KRB5_BAD_ENCTYPE), message: "it announces no salt, since it has no AES key for the account")
    }
    return (String(decoding: salt.bytes, as: UTF8.self), Array(parameters.bytes))
  }

  private func unusual(_ parameters: [UInt8], _ principal: String) -> LibraryFailure {
    LibraryFailure(
      code: krb5_error_code(KRB5_ERR_BAD_S2K_PARAMS),
      message:
        "it announces string-to-key parameters \(parameters) for \(principal), where Active Directory has 4096 iterations")
  }
}
