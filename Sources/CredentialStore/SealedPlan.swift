import Foundation
import GRDB
import RotationCore
import SecretMemory

/// The sealed secrets of one rotation: a random data key, sealed by the store's key, and under it one row per secret. Without
/// the data key's row nothing of the others can be opened, wherever a copy of them may linger.
struct SealedPlan {
  let rotator: RotatorID
  let account: AccountName
  let rotation: RotationID
  let storeSeal: Seal

  private func label(_ purpose: String) -> SealLabel {
    SealLabel(
      rotator: rotator, account: account.storedName, rotation: rotation.description, purpose: purpose)
  }

  /// The data key answers for the list of what it seals, so that a missing row is noticed.
  private func dataKeyLabel(contents: String) -> SealLabel { label("data-key:\(contents)") }

  // MARK: Writing

  /// Seals and writes the secrets, in place of any that the rotation had.
  func write(_ secrets: RotationSecrets, to database: Database) throws {
    let dataKey = SecretBytes.random(count: StoreKeyFile.length)
    let parts = Self.parts(of: secrets)
    let contents = parts.map(\.purpose).joined(separator: " ")
    try destroy(in: database)
    try database.execute(
      sql: "INSERT INTO plan (rotation, account, contents, sealed_data_key) VALUES (?, ?, ?, ?)",
      arguments: [
        rotation.description, account.storedName, contents,
        try storeSeal.seal(dataKey, as: dataKeyLabel(contents: contents)),
      ])
    for part in parts {
      try database.execute(
        sql: "INSERT INTO secret (rotation, purpose, sealed) VALUES (?, ?, ?)",
        arguments: [rotation.description, part.purpose, try Seal(key: dataKey).seal(part.secret, as: label(part.purpose))])
    }
  }

  private static func parts(of secrets: RotationSecrets) -> [(purpose: String, secret: SecretBytes)] {
    let keys = secrets.keys.keys.map { (purpose: "key:\($0.encryptionType)", secret: $0.bytes) }
    let salt = secrets.keys.salt.map { salt in
      var bytes = Array(salt.utf8)
      return (purpose: "salt", secret: bytes.withUnsafeMutableBytes { SecretBytes(copying: UnsafeRawBufferPointer($0)) })
    }
    return [(purpose: "password", secret: secrets.password)] + keys + [salt].compactMap { $0 }
  }

  // MARK: Destroying

  /// Deletes the data key and everything under it.
  func destroy(in database: Database) throws {
    try database.execute(sql: "DELETE FROM plan WHERE rotation = ?", arguments: [rotation.description])
  }

  // MARK: Reading

  /// Opens the secrets; `nil` if there are none.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` if a row is missing, moved or damaged.
  func read(from database: Database) throws -> RotationSecrets? {
    do {
      return try open(from: database)
    } catch is SealRefusal {
      throw OperatorFault(
        .data, "secrets of rotation \(rotation) of \(account)", "do not open: the store was altered or damaged",
        remedy: StoreFault.waysBack)
    }
  }

  /// Opens every plan's secrets and forgets them.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` at the first that does not open.
  static func openAll(of rotator: RotatorID, under seal: Seal, in database: Database) throws {
    for plan in try all(of: rotator, under: seal, in: database) { _ = try plan.read(from: database) }
  }

  /// Every plan that has secrets.
  static func all(of rotator: RotatorID, under seal: Seal, in database: Database) throws -> [SealedPlan] {
    try Row.fetchAll(database, sql: "SELECT rotation, account FROM plan ORDER BY rotation").map { row in
      guard let rotation = RotationID(row["rotation"] as String), let account = try? AccountName(row["account"]) else {
        throw SealRefusal()
      }
      return SealedPlan(rotator: rotator, account: account, rotation: rotation, storeSeal: seal)
    }
  }

  private func open(from database: Database) throws -> RotationSecrets? {
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT contents, sealed_data_key FROM plan WHERE rotation = ?", arguments: [rotation.description])
    else { return nil }
    let contents: String = row["contents"]
    let dataKey = try storeSeal.open(row["sealed_data_key"], as: dataKeyLabel(contents: contents))

    var opened: [String: SecretBytes] = [:]
    for purpose in contents.split(separator: " ").map(String.init) {
      opened[purpose] = try open(purpose, under: dataKey, from: database)
    }
    return try assemble(opened)
  }

  private func open(_ purpose: String, under dataKey: SecretBytes, from database: Database) throws -> SecretBytes {
    let sealed = try Data.fetchOne(
      database, sql: "SELECT sealed FROM secret WHERE rotation = ? AND purpose = ?",
      arguments: [rotation.description, purpose])
    guard let sealed else { throw SealRefusal() }
    return try Seal(key: dataKey).open(sealed, as: label(purpose))
  }

  private func assemble(_ opened: [String: SecretBytes]) throws -> RotationSecrets {
    guard let password = opened["password"] else { throw SealRefusal() }
    let keys = opened.compactMap { purpose, secret in
      purpose.hasPrefix("key:") ? Int32(purpose.dropFirst(4)).map { AccountKey(encryptionType: $0, bytes: secret) } : nil
    }
    let salt = opened["salt"]?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    return RotationSecrets(password: password, keys: AccountKeys(keys: keys, salt: salt))
  }
}

extension AccountName {
  /// The form that rows are found by: Active Directory ignores case, SQLite does not.
  var storedName: String { description.lowercased() }
}
