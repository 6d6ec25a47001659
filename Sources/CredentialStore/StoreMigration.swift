import Foundation
import GRDB
import Glibc
import RotationCore

/// Brings a store of an older version up to date: whole or not at all, and with a copy of the old one kept beside it.
struct StoreMigration {
  let database: StoreDatabase
  let place: StoreDirectory

  /// Runs `work`, which migrates, in one transaction.
  ///
  /// - Throws: ``OperatorFault``; the store is as it was then, and no copy is left behind.
  func run<Value>(_ work: (Database) throws -> Value) throws(OperatorFault) -> Value {
    let version = try database.read { try StoreSchema.currentVersion(of: $0) }
    guard version > 0, version < StoreSchema.version else { return try database.write(work) }
    let copy = "\(StoreDirectory.databaseName).v\(version)-\(StoreCopy.stamp(of: Date()))"
    close(try place.open(copy, O_CREAT | O_EXCL))
    do throws(OperatorFault) {
      try database.copy(to: place.file(copy))
      return try database.write(work)
    } catch {
      unlink(place.file(copy))
      throw error
    }
  }
}
