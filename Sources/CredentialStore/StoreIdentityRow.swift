import Foundation
import GRDB
import RotationCore
import SecretMemory

/// The one row that says who the store is, and that proves that the key file belongs to it.
struct StoreIdentityRow {
  let seal: Seal

  /// The identity of an existing store; `nil` if the database is still empty.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` if the key is another store's, `.data` if the row is damaged.
  func read(from database: Database, keyFile: String) throws -> StoreIdentity? {
    guard try database.tableExists("store") else { return nil }
    // A store that lost its identity must not quietly become another one: its stamps in the directory would be a stranger's.
    guard let row = try Row.fetchOne(database, sql: "SELECT rotator, sealed_check, sealed_fingerprint_secret FROM store"),
      let rotator = RotatorID(row["rotator"])
    else { throw SealRefusal() }
    do throws(SealRefusal) {
      _ = try seal.open(row["sealed_check"], as: SealLabel(rotator: rotator, purpose: "check"))
    } catch {
      throw OperatorFault(
        .configuration, "store key \(keyFile)", "is not the key that this store was made with",
        remedy: "restore the right key file; the store was not changed")
    }
    let secret = try seal.open(row["sealed_fingerprint_secret"], as: SealLabel(rotator: rotator, purpose: "fingerprint-secret"))
    return StoreIdentity(rotator: rotator, fingerprintSecret: secret)
  }

  /// Makes the identity of a new store.
  func create(in database: Database) throws -> StoreIdentity {
    let identity = StoreIdentity(rotator: .make(), fingerprintSecret: .random(count: StoreKeyFile.length))
    let check = try seal.seal(.random(count: 16), as: SealLabel(rotator: identity.rotator, purpose: "check"))
    let secret = try seal.seal(
      identity.fingerprintSecret, as: SealLabel(rotator: identity.rotator, purpose: "fingerprint-secret"))
    try database.execute(
      sql: "INSERT INTO store (id, rotator, sealed_check, sealed_fingerprint_secret) VALUES (1, ?, ?, ?)",
      arguments: [identity.rotator.description, check, secret])
    return identity
  }
}
