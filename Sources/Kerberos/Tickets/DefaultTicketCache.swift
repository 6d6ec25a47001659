import CKerberos

/// The credential cache of the person who runs this process.
package enum DefaultTicketCache {
  /// Its name with its type, as `KRB5CCNAME` and the site's krb5.conf say; `nil` if the latter cannot be read. Ask before
  /// ``ProcessConfiguration/isolate()``.
  package static func name() -> String? {
    var opened: krb5_context?
    guard krb5_init_context(&opened) == 0, let context = opened else { return nil }
    defer { krb5_free_context(context) }
    return krb5_cc_default_name(context).map { String(cString: $0) }
  }
}
