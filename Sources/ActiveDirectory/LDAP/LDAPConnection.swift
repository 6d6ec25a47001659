import CLDAP
import Glibc
import RotationCore

/// One LDAP connection to one server, bound with GSSAPI and sealed, or not at all.
///
/// It blocks, belongs to one actor and is never repaired: libldap would otherwise reconnect by itself, *without* a bind and
/// without sealing, and send the next request in the clear. So the first sign of trouble ends it, and its own idea of where to
/// reconnect leads nowhere.
final class LDAPConnection {
  /// The server's DNS name, as in its SPN `ldap/NAME`.
  let host: String
  /// The longest wait for one answer.
  let timeout: Duration
  /// Whether it may still be used.
  private(set) var isUsable = true
  /// The SASL security strength factor after the bind, in bits.
  private(set) var securityStrength = 0
  let handle: OpaquePointer

  // The least strength under which a password may travel; the directory does not insist on it by itself.
  static let requiredStrength = 128
  private static let maximumMessageSize = 16 << 20

  // A write to a connection that the peer has closed must be an error, not the end of the process; libldap writes without
  // MSG_NOSIGNAL.
  private static let brokenPipeIsAnError: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  /// Connects without sending anything.
  ///
  /// - Parameters:
  ///   - host: The name that SASL uses for the service principal.
  ///   - address: Where to connect; `nil` resolves `host`.
  init(host: String, address: String?, port: UInt16, timeout: Duration) throws(OperatorFault) {
    _ = Self.brokenPipeIsAnError
    let socket = try ConnectedSocket(to: address ?? host, port: port, within: timeout)
    let descriptor = socket.release()
    var handle: OpaquePointer?
    let code = ldap_init_fd(descriptor, LDAP_PROTO_TCP, "ldap://\(host):\(port)", &handle)
    guard code == LDAP_SUCCESS, let handle else {
      close(descriptor)
      throw OperatorFault(.software, "libldap", "cannot make a connection for \(host): \(Self.text(of: code))")
    }
    self.handle = handle
    self.host = host
    self.timeout = timeout
    try setOptions()
  }

  deinit { ldap_unbind_ext(handle, nil, nil) }

  /// Ends the use of this connection and gives the failure to throw.
  func lose(_ problem: String) -> LDAPFailure {
    isUsable = false
    return .connectionLost(problem)
  }

  /// Records the strength that a successful bind gave, and takes away libldap's way to reconnect.
  func finishBind(strength: Int) throws(OperatorFault) {
    securityStrength = strength
    try check(ldap_set_option(handle, LDAP_OPT_URI, "ldapi://%2Fnonexistent"), "LDAP_OPT_URI")
  }

  static func text(of code: Int32) -> String { String(cString: ldap_err2string(code)) }

  // Every option that ldap.conf or an LDAP* environment variable could set is set here, so that neither has a say.
  private func setOptions() throws(OperatorFault) {
    try set(LDAP_OPT_PROTOCOL_VERSION, Int32(LDAP_VERSION3))
    try set(LDAP_OPT_DEREF, Int32(LDAP_DEREF_NEVER))
    try set(LDAP_OPT_SIZELIMIT, Int32(LDAP_NO_LIMIT))
    try set(LDAP_OPT_TIMELIMIT, Int32(clamping: max(1, timeout.components.seconds)))
    try set(LDAP_OPT_TIMEOUT, timeout.timeval)
    try set(LDAP_OPT_NETWORK_TIMEOUT, timeout.timeval)
    try check(ldap_set_option(handle, LDAP_OPT_REFERRALS, nil), "LDAP_OPT_REFERRALS")
    try check(ldap_set_option(handle, LDAP_OPT_X_SASL_NOCANON, asa_ldap_option_on()), "LDAP_OPT_X_SASL_NOCANON")
    let properties = "noplain,noanonymous,minssf=\(Self.requiredStrength),maxssf=256,maxbufsize=65536"
    try check(ldap_set_option(handle, LDAP_OPT_X_SASL_SECPROPS, properties), "LDAP_OPT_X_SASL_SECPROPS")
    try boundMessageSize()
  }

  private func boundMessageSize() throws(OperatorFault) {
    var buffer: OpaquePointer?
    try check(ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer), "LDAP_OPT_SOCKBUF")
    var limit = ber_len_t(Self.maximumMessageSize)
    let set = ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit)
    try check(set == 1 ? LDAP_SUCCESS : LDAP_OTHER, "LBER_SB_OPT_SET_MAX_INCOMING")
  }

  private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) throws(OperatorFault) {
    var value = value
    try check(ldap_set_option(handle, option, &value), "option \(option)")
  }

  private func check(_ code: Int32, _ what: String) throws(OperatorFault) {
    guard code == LDAP_SUCCESS else {
      throw OperatorFault(.software, "libldap", "does not take \(what): \(Self.text(of: code))")
    }
  }
}
