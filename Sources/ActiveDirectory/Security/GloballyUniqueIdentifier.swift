package import Foundation

extension UUID {
  /// Reads the 16 bytes of a GUID, whose first three fields are little-endian (MS-DTYP 2.3.4.2); `nil` if they are not 16.
  package init?(directoryBytes bytes: some Collection<UInt8>) {
    let b = Array(bytes)
    guard b.count == 16 else { return nil }
    self.init(
      uuid: (b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]))
  }

  /// The 16 bytes in the order of MS-DTYP 2.3.4.2.
  var directoryBytes: [UInt8] {
    let b = withUnsafeBytes(of: uuid) { Array($0) }
    return [b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]] + b[8...]
  }

  /// The distinguished name that addresses an object by this objectGUID wherever it has moved (MS-ADTS 3.1.1.3.1.2.4).
  var distinguishedName: String { "<GUID=\(uuidString.lowercased())>" }
}
