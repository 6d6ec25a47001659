import CLDAP
import Glibc
import RotationCore

/// How far below its base a search looks (RFC 4511 section 4.5.1.2).
enum SearchScope: Int32 {
  case base = 0
  case oneLevel = 1
  case subtree = 2
}

extension LDAPConnection {
  /// Searches and waits for the whole answer, at most ``timeout``.
  ///
  /// - Parameter descriptorParts: For nTSecurityDescriptor, which of its parts to return (MS-ADTS 3.1.1.3.4.1.11); a caller
  ///   that may not read the SACL gets nothing unless it leaves that out.
  func search(
    _ base: String, _ scope: SearchScope, _ filter: SearchFilter = .present("objectClass"), _ attributes: [String],
    descriptorParts: UInt8? = nil
  ) throws(LDAPFailure) -> [LDAPEntry] {
    guard isUsable else { throw .connectionLost("it is closed") }
    let message = try withDescriptorControl(descriptorParts) { sendSearch(base, scope, filter, attributes, $0) }.get()
    let answer = try awaitAnswer(to: message)
    let entries = self.entries(of: answer)
    guard let result = result(consuming: answer) else { return entries }
    throw .refused(result)
  }

  /// Reads one object; `nil` if there is none.
  func read(
    _ name: String, _ attributes: [String], descriptorParts: UInt8? = nil
  ) throws(LDAPFailure) -> LDAPEntry? {
    do {
      return try search(name, .base, .present("objectClass"), attributes, descriptorParts: descriptorParts).first
    } catch .refused(let result) where result.code == LDAP_NO_SUCH_OBJECT {
      return nil
    }
  }

  /// Waits for the answer to a request. The message that comes back must be handed to ``result(consuming:)``.
  func awaitAnswer(to message: Int32) throws(LDAPFailure) -> OpaquePointer {
    var limit = timeout.timeval
    var answer: OpaquePointer?
    let type = ldap_result(handle, message, LDAP_MSG_ALL, &limit, &answer)
    if type > 0, let answer { return answer }
    throw lose(type == 0 ? "no answer within \(timeout)" : "it broke before the answer came")
  }

  /// The error in an answer, or `nil` for success; frees the answer.
  func result(consuming answer: OpaquePointer) -> LDAPResult? {
    var code: Int32 = 0
    var text: UnsafeMutablePointer<CChar>?
    let parsed = ldap_parse_result(handle, answer, &code, nil, &text, nil, nil, 1)
    defer { ldap_memfree(text) }
    guard parsed == LDAP_SUCCESS else { return LDAPResult(code: parsed, diagnostic: Self.text(of: parsed)) }
    guard code != LDAP_SUCCESS else { return nil }
    return LDAPResult(code: code, diagnostic: text.map { String(cString: $0) } ?? Self.text(of: code))
  }

  /// Sends a search and gives the id of its message.
  func sendSearch(
    _ base: String, _ scope: SearchScope, _ filter: SearchFilter, _ attributes: [String],
    _ controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
  ) -> Result<Int32, LDAPFailure> {
    var message: Int32 = 0
    let code = withCStringArray(attributes) {
      ldap_search_ext(handle, base, scope.rawValue, filter.text, $0, 0, controls, nil, nil, 0, &message)
    }
    return code == LDAP_SUCCESS ? .success(message) : .failure(lose(Self.text(of: code)))
  }

  /// The entries in an answer, which is left as it is.
  func entries(of answer: OpaquePointer) -> [LDAPEntry] {
    sequence(state: ldap_first_entry(handle, answer)) { entry in
      defer { entry = entry.flatMap { ldap_next_entry(self.handle, $0) } }
      return entry.map(self.copy)
    }.map { $0 }
  }

  private func copy(_ entry: OpaquePointer) -> LDAPEntry {
    let name = ldap_get_dn(handle, entry)
    defer { ldap_memfree(name) }
    var position: OpaquePointer?
    var values: [String: [[UInt8]]] = [:]
    var attribute = ldap_first_attribute(handle, entry, &position)
    while let current = attribute {
      values[String(cString: current)] = copyValues(of: current, in: entry)
      ldap_memfree(current)
      attribute = ldap_next_attribute(handle, entry, position)
    }
    ber_free(position, 0)
    return LDAPEntry(distinguishedName: name.map { String(cString: $0) } ?? "", values: values)
  }

  private func copyValues(of attribute: UnsafeMutablePointer<CChar>, in entry: OpaquePointer) -> [[UInt8]] {
    guard let list = ldap_get_values_len(handle, entry, attribute) else { return [] }
    defer { ldap_value_free_len(list) }
    return (0..<Int(ldap_count_values_len(list))).compactMap { index in
      list[index].map { Array(UnsafeRawBufferPointer(start: $0.pointee.bv_val, count: Int($0.pointee.bv_len))) }
    }
  }
}

private func withCStringArray<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
}

/// LDAP_SERVER_SD_FLAGS_OID with its BER value, `SEQUENCE { INTEGER }` (MS-ADTS 3.1.1.3.4.1.11).
func withDescriptorControl<Result>(
  _ parts: UInt8?, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?) -> Result
) -> Result {
  guard let parts else { return body(nil) }
  var value: [CChar] = [0x30, 0x03, 0x02, 0x01, CChar(bitPattern: parts)]
  return value.withUnsafeMutableBufferPointer { value in
    "1.2.840.113556.1.4.801".withCString { identifier in
      var control = LDAPControl(
        ldctl_oid: UnsafeMutablePointer(mutating: identifier),
        ldctl_value: berval(bv_len: ber_len_t(value.count), bv_val: value.baseAddress), ldctl_iscritical: 1)
      return withUnsafeMutablePointer(to: &control) { control in
        var list: [UnsafeMutablePointer<LDAPControl>?] = [control, nil]
        return list.withUnsafeMutableBufferPointer { body($0.baseAddress) }
      }
    }
  }
}
