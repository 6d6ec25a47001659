import CKerberos
package import RotationCore

/// Checksums that prove possession of an account's key without showing it (RFC 3961 section 3): of the encryption type's mandatory checksum
/// type, under a key usage of our own, so that nothing said here means anything in Kerberos itself.
package enum KeyedChecksum {
  /// Makes the checksum.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` if the key does not fit its encryption type.
  package static func make(with key: AccountKey, over message: [UInt8]) throws(OperatorFault) -> [UInt8] {
    do {
      return try compute(key, message)
    } catch {
      throw OperatorFault(
        .data, "key of encryption type \(key.encryptionType)", "cannot make a checksum: \(error.message) (\(error.code))")
    }
  }

  private static func compute(_ key: AccountKey, _ message: [UInt8]) throws(LibraryFailure) -> [UInt8] {
    let context = try LibraryContext.offline()
    var checksum = krb5_checksum()
    let code = key.withKeyblock { key in
      withLibraryData(message) { krb5_c_make_checksum(context.raw, 0, key, KeyChecksum.keyUsage, $0, &checksum) }
    }
    try context.check(code)
    defer { krb5_free_checksum_contents(context.raw, &checksum) }
    return Array(UnsafeBufferPointer(start: checksum.contents, count: Int(checksum.length)))
  }

  /// Whether this key made the checksum over these bytes; false also for a checksum of another length.
  package static func verify(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) -> Bool {
    guard let context = try? LibraryContext.offline() else { return false }
    var claimed = checksum
    return claimed.withUnsafeMutableBufferPointer { claimed in
      var claim = krb5_checksum(magic: 0, checksum_type: 0, length: UInt32(claimed.count), contents: claimed.baseAddress)
      var isValid: krb5_boolean = 0
      let code = key.withKeyblock { key in
        withLibraryData(message) { krb5_c_verify_checksum(context.raw, key, KeyChecksum.keyUsage, $0, &claim, &isValid) }
      }
      return code == 0 && isValid != 0
    }
  }
}
