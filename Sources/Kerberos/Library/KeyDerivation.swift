import CKerberos
import RotationCore
import SecretMemory

/// String-to-key (RFC 3962 section 4, RFC 4757 section 2).
enum KeyDerivation {
  /// The iteration count that Active Directory announces, 4096, as the four big-endian bytes of RFC 3962's parameter.
  static let parameters: [UInt8] = [0, 0, 0x10, 0]

  static func key(
    from password: SecretBytes, salt: String, type: EncryptionType
  ) throws(OperatorFault) -> AccountKey {
    do {
      return try derive(from: password, salt: Array(salt.utf8), type: type)
    } catch {
      throw error.unexpected("string-to-key for \(type.name)")
    }
  }

  private static func derive(
    from password: SecretBytes, salt: [UInt8], type: EncryptionType
  ) throws(LibraryFailure) -> AccountKey {
    let context = try LibraryContext.offline()
    var block = krb5_keyblock()
    // Wipes libkrb5's own copy.
    defer { krb5_free_keyblock_contents(context.raw, &block) }
    let code = password.withUnsafeBytes { password in
      withLibraryData(password) { password in
        withLibraryData(salt) { salt in
          withLibraryData(parameters) { parameters in
            // RC4 iterates nothing, and libkrb5 refuses parameters for it.
            krb5_c_string_to_key_with_params(
              context.raw, type.rawValue, password, salt, type.isSalted ? parameters : nil, &block)
          }
        }
      }
    }
    try context.check(code)
    let contents = UnsafeRawBufferPointer(start: block.contents, count: Int(block.length))
    return AccountKey(encryptionType: block.enctype, bytes: SecretBytes(copying: contents))
  }
}
