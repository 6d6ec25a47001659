import CKerberos
import RotationCore

/// One private libkrb5 context. libkrb5 wants a context on one thread at a time, which the compiler ensures: the class is not `Sendable`.
final class LibraryContext {
  let raw: krb5_context
  private let transport: KDCTransport?

  /// A context that never talks to a KDC.
  static func offline(realm: Realm = Realm("INVALID")) throws(LibraryFailure) -> LibraryContext {
    LibraryContext(raw: try open(InMemoryProfile(realm: realm, kdc: nil)), transport: nil)
  }

  /// A context whose every message goes to one KDC, over our own transport.
  static func aimed(at kdc: KDCEndpoint, realm: Realm, timeout: Duration) throws(LibraryFailure) -> LibraryContext {
    let raw = try open(InMemoryProfile(realm: realm, kdc: kdc.description))
    let transport = KDCTransport(to: kdc, realm: realm, timeout: timeout)
    transport.attach(to: raw)
    return LibraryContext(raw: raw, transport: transport)
  }

  private init(raw: krb5_context, transport: KDCTransport?) {
    self.raw = raw
    self.transport = transport
  }

  deinit { krb5_free_context(raw) }

  private static func open(_ profile: InMemoryProfile) throws(LibraryFailure) -> krb5_context {
    let (code, context) = profile.openContext()
    guard let context else { throw LibraryFailure(code: code, message: "no context can be made") }
    return context
  }

  /// Why the transport could not get an answer, if that is what made the last exchange fail.
  var transportFailure: TransportFailure? { transport?.failure }

  /// Turns a code other than zero into a failure with libkrb5's own words.
  func check(_ code: krb5_error_code) throws(LibraryFailure) {
    guard code != 0 else { return }
    let text = krb5_get_error_message(raw, code)
    defer { krb5_free_error_message(raw, text) }
    throw LibraryFailure(code: code, message: text.map { String(cString: $0) } ?? "code \(code)")
  }

  /// Lends what a call gave, or the failure that it answered with.
  func require<Value>(_ value: Value?, _ code: krb5_error_code) throws(LibraryFailure) -> Value {
    try check(code)
    guard let value else { throw LibraryFailure(code: code, message: "no result") }
    return value
  }

  /// Lends a parsed principal name, its realm included.
  func withPrincipal<Result>(
    _ name: String, _ body: (krb5_principal) throws(LibraryFailure) -> Result
  ) throws(LibraryFailure) -> Result {
    var parsed: krb5_principal?
    let code = krb5_parse_name(raw, name, &parsed)
    let principal = try require(parsed, code)
    defer { krb5_free_principal(raw, principal) }
    return try body(principal)
  }

  /// Lends a keytab file, which libkrb5 opens afresh at every lookup.
  func withKeytab<Result>(
    _ path: String, _ body: (krb5_keytab) throws(LibraryFailure) -> Result
  ) throws(LibraryFailure) -> Result {
    var resolved: krb5_keytab?
    let code = krb5_kt_resolve(raw, "FILE:\(path)", &resolved)
    let keytab = try require(resolved, code)
    defer { krb5_kt_close(raw, keytab) }
    return try body(keytab)
  }

  func text(of principal: krb5_const_principal?) -> String {
    var name: UnsafeMutablePointer<CChar>?
    guard krb5_unparse_name(raw, principal, &name) == 0, let name else { return "?" }
    defer { krb5_free_unparsed_name(raw, name) }
    return String(cString: name)
  }
}
