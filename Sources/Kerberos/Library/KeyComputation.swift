import RotationCore
import SecretMemory

/// What libkrb5 computes with keys and asks no KDC for, on a thread of its own: while a KDC keeps one account waiting, another one's keys are made.
actor KeyComputation {
  private let executor = BlockingExecutor(label: "kerberos keys")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// One key per encryption type.
  func keys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) throws(OperatorFault) -> AccountKeys {
    var keys: [AccountKey] = []
    for type in Set(encryptionTypes).sorted() {
      keys.append(try KeyDerivation.key(from: password, salt: salt, type: type))
    }
    return AccountKeys(keys: keys, salt: salt)
  }

  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) -> Bool {
    KeyedChecksum.verify(checksum, over: message, with: key)
  }
}
