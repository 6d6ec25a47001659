import CKerberos
import RotationCore

/// A GSSAPI initiator credential over a credential cache of its own, both gone with this object.
///
/// `@unchecked Sendable`: nothing in it changes after `init`, GSSAPI locks its credentials itself, and the cache's context is used again
/// only in `deinit`.
final class SecurityCredential: InitiatorCredential, @unchecked Sendable {
  /// What the credential is for.
  enum Mechanism {
    /// Kerberos as it is (RFC 4121).
    case kerberos
    /// Kerberos, and nothing else, negotiated with SPNEGO (RFC 4178).
    case negotiation
  }

  private let handle: gss_cred_id_t
  // Keeps the tickets, which the credential refers to by the cache's name.
  private let cache: CredentialCache

  init(over cache: CredentialCache, for mechanism: Mechanism = .kerberos) throws(OperatorFault) {
    var minor: OM_uint32 = 0
    var credential: gss_cred_id_t?
    let major =
      switch mechanism {
      case .kerberos: asa_gss_initiate_from_ccache(&minor, cache.name, &credential)
      case .negotiation: asa_gss_negotiate_from_ccache(&minor, cache.name, &credential)
      }
    guard asa_gss_error(major) == 0, let credential else {
      gss_release_cred(&minor, &credential)
      throw OperatorFault(.software, "GSSAPI credential", "cannot be made from our own tickets (\(major), \(minor))")
    }
    handle = credential
    self.cache = cache
  }

  deinit {
    var minor: OM_uint32 = 0
    var credential: gss_cred_id_t? = handle
    gss_release_cred(&minor, &credential)
  }

  func withHandle<Result>(_ body: (UnsafeMutableRawPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(UnsafeMutableRawPointer(handle)) }
  }

  /// Lends the credential as GSSAPI's own type.
  func withCredential<Result>(_ body: (gss_cred_id_t) -> Result) -> Result {
    withExtendedLifetime(self) { body(handle) }
  }
}
