package import SecretMemory

/// One long-term key of the account.
package struct AccountKey: Sendable, Equatable {
  /// The number of the encryption type (RFC 3961 registry). An adopted key may have one that ``EncryptionType`` does not list.
  package let encryptionType: Int32
  /// The raw key.
  package let bytes: SecretBytes

  /// Pairs a key with its encryption type.
  package init(encryptionType: Int32, bytes: SecretBytes) {
    self.encryptionType = encryptionType
    self.bytes = bytes
  }
}

/// All keys that one password gives, one per encryption type.
package struct AccountKeys: Sendable, Equatable {
  /// The keys, highest number of an encryption type first, one per type.
  package let keys: [AccountKey]
  /// The salt that they were derived with; `nil` where the keys were found rather than derived.
  package let salt: String?

  /// Orders the keys by encryption type.
  package init(keys: [AccountKey], salt: String?) {
    self.keys = keys.sorted { $0.encryptionType > $1.encryptionType }
    self.salt = salt
  }

  /// Whether there is a key for tickets of this type (RFC 3961 number).
  package func hold(_ encryptionType: Int32) -> Bool { keys.contains { $0.encryptionType == encryptionType } }
}

/// The secrets of one planned rotation, sealed in the store before anything leaves the rotator.
package struct RotationSecrets: Sendable {
  /// The new password, ASCII.
  package let password: SecretBytes
  /// The keys derived from it.
  package let keys: AccountKeys

  /// Pairs a password with its keys.
  package init(password: SecretBytes, keys: AccountKeys) {
    self.password = password
    self.keys = keys
  }
}
