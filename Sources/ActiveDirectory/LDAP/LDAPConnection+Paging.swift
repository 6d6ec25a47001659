import CLDAP
import RotationCore

extension LDAPConnection {
  private static let pageSize: Int32 = 500

  /// Searches page by page (RFC 2696), because domain controllers end an answer at a thousand entries, until all is there or more than
  /// `limit` was found.
  func searchPages(
    _ base: String, _ scope: SearchScope, _ filter: SearchFilter, _ attributes: [String], limit: Int
  ) throws(LDAPFailure) -> (entries: [LDAPEntry], isComplete: Bool) {
    var found: [LDAPEntry] = []
    var cookie: [UInt8] = []
    repeat {
      let page = try searchPage(base, scope, filter, attributes, cookie)
      found += page.entries
      cookie = page.cookie
    } while !cookie.isEmpty && found.count <= limit
    return (Array(found.prefix(limit)), cookie.isEmpty && found.count <= limit)
  }

  private func searchPage(
    _ base: String, _ scope: SearchScope, _ filter: SearchFilter, _ attributes: [String], _ cookie: [UInt8]
  ) throws(LDAPFailure) -> (entries: [LDAPEntry], cookie: [UInt8]) {
    guard isUsable else { throw .connectionLost("it is closed") }
    let sent = withPageControl(cookie) { sendSearch(base, scope, filter, attributes, $0) }
    let answer = try awaitAnswer(to: try sent.get())
    let entries = self.entries(of: answer)
    return (entries, try nextCookie(consuming: answer))
  }

  private func withPageControl(
    _ cookie: [UInt8],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?) -> Result<Int32, LDAPFailure>
  ) -> Result<Int32, LDAPFailure> {
    var bytes = cookie.map { CChar(bitPattern: $0) }
    return bytes.withUnsafeMutableBufferPointer { bytes in
      var value = berval(bv_len: ber_len_t(bytes.count), bv_val: bytes.baseAddress)
      var control: UnsafeMutablePointer<LDAPControl>?
      let code = ldap_create_page_control(handle, Self.pageSize, &value, 1, &control)
      guard code == LDAP_SUCCESS else { return .failure(lose(Self.text(of: code))) }
      defer { ldap_control_free(control) }
      var list = [control, nil]
      return list.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
  }

  /// Where the next page begins; empty after the last. Frees the answer.
  private func nextCookie(consuming answer: OpaquePointer) throws(LDAPFailure) -> [UInt8] {
    var code: Int32 = 0
    var text: UnsafeMutablePointer<CChar>?
    var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
    let parsed = ldap_parse_result(handle, answer, &code, nil, &text, nil, &controls, 1)
    defer {
      ldap_memfree(text)
      ldap_controls_free(controls)
    }
    guard parsed == LDAP_SUCCESS, code == LDAP_SUCCESS else {
      let code = parsed == LDAP_SUCCESS ? code : parsed
      throw .refused(LDAPResult(code: code, diagnostic: text.map { String(cString: $0) } ?? Self.text(of: code)))
    }
    guard let response = ldap_control_find("1.2.840.113556.1.4.319", controls, nil) else { return [] }
    var (count, value) = (Int32(0), berval())
    guard ldap_parse_pageresponse_control(handle, response, &count, &value) == LDAP_SUCCESS else { return [] }
    defer { ldap_memfree(value.bv_val) }
    return Array(UnsafeRawBufferPointer(start: value.bv_val, count: Int(value.bv_len)))
  }
}
