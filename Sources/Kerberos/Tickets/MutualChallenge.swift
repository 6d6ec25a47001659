import CKerberos
import RotationCore
import SecretMemory

/// One AP-REQ that demands mutual authentication, with what it takes to check the answers.
actor MutualChallenge: AcceptanceChallenge {
  nonisolated let request: [UInt8]
  private let exchange: AuthenticationExchange

  /// - Parameter credential: a service ticket's credential as `krb5_marshal_credentials` wrote it.
  init(_ credential: SecretBytes) throws(OperatorFault) {
    do throws(LibraryFailure) {
      let exchange = try AuthenticationExchange()
      request = try exchange.makeRequest(with: credential)
      self.exchange = exchange
    } catch {
      throw error.unexpected("AP-REQ")
    }
  }

  func isAnswered(by reply: [UInt8]) -> Bool { exchange.isAnswered(by: reply) }
}

/// One side of an authentication exchange (RFC 4120 section 3.2), with a context of its own.
final class AuthenticationExchange {
  let context: LibraryContext
  let raw: krb5_auth_context

  init() throws(LibraryFailure) {
    let context = try LibraryContext.offline()
    var made: krb5_auth_context?
    let code = krb5_auth_con_init(context.raw, &made)
    raw = try context.require(made, code)
    self.context = context
  }

  deinit { krb5_auth_con_free(context.raw, raw) }

  func makeRequest(with credential: SecretBytes) throws(LibraryFailure) -> [UInt8] {
    let context = context
    var unmarshalled: UnsafeMutablePointer<krb5_creds>?
    let code = credential.withUnsafeBytes { bytes in
      withLibraryData(bytes) { krb5_unmarshal_credentials(context.raw, $0, &unmarshalled) }
    }
    let ticket = try context.require(unmarshalled, code)
    defer { krb5_free_creds(context.raw, ticket) }
    var mine: krb5_auth_context? = raw
    var request = krb5_data()
    try context.check(
      krb5_mk_req_extended(context.raw, &mine, krb5_flags(AP_OPTS_MUTUAL_REQUIRED), nil, ticket, &request))
    defer { krb5_free_data_contents(context.raw, &request) }
    return Array(request.bytes)
  }

  func isAnswered(by reply: [UInt8]) -> Bool {
    var part: UnsafeMutablePointer<krb5_ap_rep_enc_part>?
    let code = withLibraryData(reply) { krb5_rd_rep(context.raw, raw, $0, &part) }
    krb5_free_ap_rep_enc_part(context.raw, part)
    return code == 0
  }
}
