import CredentialStore
import Foundation
import GRDB
import RotationCore
import SecretMemory
import Testing

/// A directory of its own with a key file, gone with the test.
final class StorePlace: Sendable {
  let root: URL
  let account: AccountName
  var directory: String { root.appending(path: "store").path }
  var keyFile: String { root.appending(path: "store.key").path }
  var databasePath: String { directory + "/rotator.db" }

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
    account = try AccountName("LAB\\EXCH2016ASA$")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: false)
    try writeKey()
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func writeKey(count: Int = 32, mode: Int = 0o600) throws {
    let bytes = Data((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    try bytes.write(to: URL(filePath: keyFile))
    try setMode(mode, of: keyFile)
  }

  func setMode(_ mode: Int, of path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  func open() throws -> SQLiteRotationStore { try SQLiteRotationStore(directory: directory, keyFile: keyFile) }

  /// Changes the database behind the store's back.
  func tamper(_ sql: String) throws {
    try DatabaseQueue(path: databasePath).write { try $0.execute(sql: sql) }
  }

  /// Why the store does not open.
  func refusal() -> OperatorFault? {
    do {
      _ = try open()
      return nil
    } catch {
      return error as? OperatorFault
    }
  }
}

extension RotationSecrets {
  /// A fresh password with two made-up keys.
  static func sample(salt: String? = "LAB.EXAMPLEhostasa.lab.example") -> RotationSecrets {
    let keys = [
      AccountKey(encryptionType: 18, bytes: .random(count: 32)), AccountKey(encryptionType: 17, bytes: .random(count: 16)),
    ]
    return RotationSecrets(password: GeneratedPassword.make(), keys: AccountKeys(keys: keys, salt: salt))
  }
}

extension StoreChange {
  static func sealing(_ secrets: RotationSecrets, of rotation: RotationID) -> StoreChange {
    var change = StoreChange()
    change.seal[rotation] = secrets
    return change
  }

  static func destroying(_ rotation: RotationID) -> StoreChange {
    var change = StoreChange()
    change.destroy = [rotation]
    return change
  }
}
