import CKerberos
import Glibc
import RotationCore

/// A credential cache in this process's memory, under a name that nobody else has, destroyed with this object.
///
/// Always fresh: libkrb5 answers from a cache what it holds, which after a password change would be a ticket under the former key.
final class CredentialCache {
  let context: LibraryContext
  let raw: krb5_ccache
  let name: String

  init(in context: LibraryContext) throws(LibraryFailure) {
    var cache: krb5_ccache?
    let code = krb5_cc_new_unique(context.raw, "MEMORY", nil, &cache)
    raw = try context.require(cache, code)
    name = "MEMORY:" + String(cString: krb5_cc_get_name(context.raw, raw))
    self.context = context
  }

  deinit { krb5_cc_destroy(context.raw, raw) }

  /// Empties the cache and puts the ticket-granting ticket of `client` in it.
  func fill(for client: krb5_principal, _ credential: UnsafeMutablePointer<krb5_creds>) throws(LibraryFailure) {
    try context.check(krb5_cc_initialize(context.raw, raw, client))
    try context.check(krb5_cc_store_cred(context.raw, raw, credential))
  }

  /// Empties the cache and puts the ticket-granting ticket of another cache in it, and no service ticket that has been got with it before.
  func fill(fromTicketOf name: String, realm: Realm) throws(LibraryFailure) {
    var opened: krb5_ccache?
    let code = krb5_cc_resolve(context.raw, name, &opened)
    let source = try context.require(opened, code)
    defer { krb5_cc_close(context.raw, source) }
    try Self.withOwner(of: source, in: context) { (client) throws(LibraryFailure) in
      try context.withPrincipal("krbtgt/\(realm)@\(realm)") { (server) throws(LibraryFailure) in
        var wanted = krb5_creds()
        wanted.client = client
        wanted.server = server
        // One that has ended would be refused with an answer that speaks of clocks.
        wanted.times.endtime = krb5_timestamp(truncatingIfNeeded: time(nil))
        var ticket = krb5_creds()
        try context.check(krb5_cc_retrieve_cred(context.raw, source, krb5_flags(KRB5_TC_MATCH_TIMES), &wanted, &ticket))
        defer { krb5_free_cred_contents(context.raw, &ticket) }
        try fill(for: client, &ticket)
      }
    }
  }

  /// Lends the principal that the cache is for.
  func withOwner<Result>(_ body: (krb5_principal) throws(LibraryFailure) -> Result) throws(LibraryFailure) -> Result {
    try Self.withOwner(of: raw, in: context, body)
  }

  private static func withOwner<Result>(
    of cache: krb5_ccache, in context: LibraryContext, _ body: (krb5_principal) throws(LibraryFailure) -> Result
  ) throws(LibraryFailure) -> Result {
    var owner: krb5_principal?
    let code = krb5_cc_get_principal(context.raw, cache, &owner)
    let principal = try context.require(owner, code)
    defer { krb5_free_principal(context.raw, principal) }
    return try body(principal)
  }
}
