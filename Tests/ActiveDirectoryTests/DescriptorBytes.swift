import ActiveDirectory
import Foundation

/// Makes security descriptors byte by byte, as MS-DTYP 2.4 lays them out, so that the tests do not share code with the reader.
enum DescriptorBytes {
  static let rotator = SecurityIdentifier(authority: 5, subAuthorities: [21, 1, 2, 3, 1105])
  static let other = SecurityIdentifier(authority: 5, subAuthorities: [21, 1, 2, 3, 1106])
  static let account = SecurityIdentifier(authority: 5, subAuthorities: [21, 1, 2, 3, 1107])

  static func sid(_ identifier: SecurityIdentifier) -> [UInt8] {
    let authority = (0..<6).map { UInt8(truncatingIfNeeded: identifier.authority >> (40 - 8 * $0)) }
    return [1, UInt8(identifier.subAuthorities.count)] + authority + identifier.subAuthorities.flatMap(little)
  }

  static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// 00299570-246d-11d0-a768-00aa006e0529 as it lies in an ACE.
  static let resetPassword: [UInt8] = [
    0x70, 0x95, 0x29, 0x00, 0x6D, 0x24, 0xD0, 0x11, 0xA7, 0x68, 0x00, 0xAA, 0x00, 0x6E, 0x05, 0x29,
  ]

  static func ace(
    _ type: UInt8, flags: UInt8 = 0, mask: UInt32, objectType: [UInt8]? = nil, to trustee: SecurityIdentifier
  ) -> [UInt8] {
    var body = little(mask)
    if type >= 5 { body += little(UInt32(objectType == nil ? 0 : 1)) + (objectType ?? []) }
    body += sid(trustee)
    return [type, flags] + little(UInt16(body.count + 4)) + body
  }

  static func descriptor(owner: SecurityIdentifier = other, _ entries: [UInt8]...) -> [UInt8] {
    let ownerBytes = sid(owner)
    let body = entries.flatMap { $0 }
    let dacl = [4, 0] + little(UInt16(8 + body.count)) + little(UInt16(entries.count)) + [0, 0] + body
    let header =
      [1, 0] + little(UInt16(0x8004)) + little(UInt32(20)) + little(UInt32(0)) + little(UInt32(0))
      + little(UInt32(20 + ownerBytes.count))
    return header + ownerBytes + dacl
  }
}
