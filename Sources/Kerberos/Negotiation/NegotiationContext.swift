import CKerberos
import RotationCore

/// What GSSAPI says of a step that failed.
struct NegotiationFailure: Error {
  let words: String
}

/// The initiator's half of a GSSAPI security context that is negotiated with SPNEGO.
final class NegotiationContext {
  private let target: gss_name_t
  private let channelBinding: [UInt8]
  private let credential: SecurityCredential
  private var context: gss_ctx_id_t?
  private var flags: OM_uint32 = 0
  private var isComplete = false

  /// Whether the context stands and the other side has proven itself.
  var isMutual: Bool { isComplete && flags & OM_uint32(GSS_C_MUTUAL_FLAG) != 0 }

  /// - Parameters:
  ///   - service: An SPN with its realm, for which the credential's cache holds a ticket.
  ///   - channelBinding: The application data of the channel binding (RFC 2744 section 3.11); empty for none.
  init(with service: String, channelBinding: [UInt8], as credential: SecurityCredential) throws(OperatorFault) {
    target = try Self.name(service)
    self.channelBinding = channelBinding
    self.credential = credential
  }

  deinit {
    var minor: OM_uint32 = 0
    var name: gss_name_t? = target
    gss_delete_sec_context(&minor, &context, nil)
    gss_release_name(&minor, &name)
  }

  /// Takes the other side's token and makes the next one of ours.
  ///
  /// - Parameter token: `nil` for the first step.
  func step(_ token: [UInt8]?) throws(NegotiationFailure) -> [UInt8] {
    var minor: OM_uint32 = 0
    var output = gss_buffer_desc()
    defer {
      var released: OM_uint32 = 0
      gss_release_buffer(&released, &output)
    }
    let major = withBuffer(token ?? []) { input in
      credential.withCredential { credential in
        asa_gss_negotiate(
          &minor, credential, &context, target, channelBinding, channelBinding.count, token == nil ? nil : input, &output,
          &flags)
      }
    }
    guard asa_gss_error(major) == 0 else { throw NegotiationFailure(words: Self.words(major, minor)) }
    isComplete = major == OM_uint32(GSS_S_COMPLETE)
    return Array(UnsafeRawBufferPointer(start: output.value, count: output.length))
  }

  private static func name(_ service: String) throws(OperatorFault) -> gss_name_t {
    var minor: OM_uint32 = 0
    var name: gss_name_t?
    let major = withBuffer(Array(service.utf8)) { gss_import_name(&minor, $0, GSS_KRB5_NT_PRINCIPAL_NAME, &name) }
    guard asa_gss_error(major) == 0, let name else {
      throw OperatorFault(.software, "GSSAPI name \(service)", words(major, minor))
    }
    return name
  }

  private static func words(_ major: OM_uint32, _ minor: OM_uint32) -> String {
    [text(of: major, GSS_C_GSS_CODE), minor == 0 ? "" : text(of: minor, GSS_C_MECH_CODE)].filter { !$0.isEmpty }
      .joined(separator: ": ")
  }

  private static func text(of status: OM_uint32, _ kind: Int32) -> String {
    var (minor, more): (OM_uint32, OM_uint32) = (0, 0)
    var text = gss_buffer_desc()
    guard asa_gss_error(gss_display_status(&minor, status, kind, nil, &more, &text)) == 0 else { return "status \(status)" }
    defer { gss_release_buffer(&minor, &text) }
    return String(decoding: UnsafeRawBufferPointer(start: text.value, count: text.length), as: UTF8.self)
  }
}

/// Lends bytes as GSSAPI's counted buffer, which it takes as mutable but only reads.
private func withBuffer<Result>(_ bytes: [UInt8], _ body: (UnsafeMutablePointer<gss_buffer_desc>) -> Result) -> Result {
  bytes.withUnsafeBytes { raw in
    var buffer = gss_buffer_desc(length: raw.count, value: UnsafeMutableRawPointer(mutating: raw.baseAddress))
    return body(&buffer)
  }
}
