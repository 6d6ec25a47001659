import CKerberos

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
}
