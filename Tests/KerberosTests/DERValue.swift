/// As much of ASN.1 DER as a made-up KDC needs.
enum DERValue {
  static func tagged(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    precondition(contents.count < 1 << 16)
    let length: [UInt8] =
      switch contents.count {
      case 0..<128: [UInt8(contents.count)]
      case 128..<256: [0x81, UInt8(contents.count)]
      default: [0x82, UInt8(contents.count >> 8), UInt8(contents.count & 0xff)]
      }
    return [tag] + length + contents
  }

  static func field(_ number: UInt8, _ value: [UInt8]) -> [UInt8] { tagged(0xa0 | number, value) }
  static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, Array(parts.joined())) }
  static func integer(_ value: UInt8) -> [UInt8] { tagged(0x02, value < 128 ? [value] : [0, value]) }
  static func octets(_ value: [UInt8]) -> [UInt8] { tagged(0x04, value) }
  static func time(_ text: String) -> [UInt8] { tagged(0x18, Array(text.utf8)) }
  static func string(_ text: String) -> [UInt8] { tagged(0x1b, Array(text.utf8)) }
}

/// KDC answers, made up.
enum KDCAnswer {
  /// A KRB-ERROR (RFC 4120 section 5.9.1).
  static func error(_ code: UInt8, data: [UInt8]? = nil) -> [UInt8] {
    let server = DERValue.sequence(
      DERValue.field(0, DERValue.integer(2)),
      DERValue.field(1, DERValue.sequence(DERValue.string("krbtgt"), DERValue.string("LAB.EXAMPLE"))))
    let fields = DERValue.sequence(
      DERValue.field(0, DERValue.integer(5)), DERValue.field(1, DERValue.integer(30)),
      DERValue.field(4, DERValue.time("20260101000000Z")), DERValue.field(5, DERValue.integer(0)),
      DERValue.field(6, DERValue.integer(code)), DERValue.field(9, DERValue.string("LAB.EXAMPLE")), DERValue.field(10, server),
      data.map { DERValue.field(12, DERValue.octets($0)) } ?? [])
    return DERValue.tagged(0x7e, fields)
  }

  /// KDC_ERR_PREAUTH_REQUIRED with an ETYPE-INFO2 for one encryption type, AES-256 unless told otherwise (RFC 4120 section 5.2.7.5).
  static func preauthenticationRequired(salt: String, parameters: [UInt8], encryptionType: UInt8 = 18) -> [UInt8] {
    let entry = DERValue.sequence(
      DERValue.field(0, DERValue.integer(encryptionType)), DERValue.field(1, DERValue.string(salt)),
      DERValue.field(2, DERValue.octets(parameters)))
    let hint = DERValue.sequence(
      DERValue.field(1, DERValue.integer(19)), DERValue.field(2, DERValue.octets(DERValue.sequence(entry))))
    let timestamp = DERValue.sequence(DERValue.field(1, DERValue.integer(2)), DERValue.field(2, DERValue.octets([])))
    return error(25, data: DERValue.sequence(hint, timestamp))
  }
}
