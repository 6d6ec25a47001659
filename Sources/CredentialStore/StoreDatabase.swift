import Foundation
import GRDB
import RotationCore

/// What stands between a commit and a power loss, read back from the open connection.
package struct StoreDurability: Sendable, Equatable {
  /// `wal`.
  package let journalMode: String
  /// 2 means FULL: every commit is on disk when it returns.
  package let synchronous: Int
  /// 1 means that deleted content is overwritten.
  package let secureDelete: Int
  /// 1 means that a plan takes its secrets with it.
  package let foreignKeys: Int

  static let required = StoreDurability(journalMode: "wal", synchronous: 2, secureDelete: 1, foreignKeys: 1)
}

/// The SQLite connection of a store.
struct StoreDatabase: Sendable {
  /// Named in every fault.
  let subject: String
  let durability: StoreDurability
  private let queue: DatabaseQueue

  /// Opens the database, which may be empty, and refuses what this program must not touch before it changes anything.
  ///
  /// - Throws: ``OperatorFault`` of kind `.data` for a damaged database or a newer one, `.inputOutput` for what the disk
  ///   refuses.
  init(path: String) throws(OperatorFault) {
    let subject = "store \(path)"
    self.subject = subject
    (queue, durability) = try StoreFault.naming(subject) {
      var configuration = GRDB.Configuration()
      configuration.label = "store"
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { connection in
        guard try StoreSchema.checkVersion(of: connection, subject: subject) > 0 else { return }
        guard try String.fetchOne(connection, sql: "PRAGMA integrity_check(1)") == "ok" else {
          throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "integrity_check found damage")
        }
      }
      return (queue, try queue.writeWithoutTransaction { try Self.makeDurable($0) })
    }
    guard durability == .required else {
      throw OperatorFault(
        .system, subject, "cannot be made durable: SQLite answers \(durability)", remedy: "put it on a local file system")
    }
  }

  /// WAL by hand: GRDB's own WAL mode turns synchronous down to NORMAL, which can lose commits at power loss.
  private static func makeDurable(_ database: Database) throws -> StoreDurability {
    let journalMode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") ?? ""
    try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY")
    _ = try Int.fetchOne(database, sql: "PRAGMA secure_delete = ON")
    func pragma(_ name: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? -1 }
    return StoreDurability(
      journalMode: journalMode, synchronous: try pragma("synchronous"), secureDelete: try pragma("secure_delete"),
      foreignKeys: try pragma("foreign_keys"))
  }

  // MARK: Access

  /// Runs `work` in one transaction.
  ///
  /// - Throws: ``OperatorFault``; nothing was changed then.
  func write<Value>(_ work: (Database) throws -> Value) throws(OperatorFault) -> Value {
    try StoreFault.naming(subject) { try queue.write(work) }
  }

  /// Runs `work` on an unchanging view.
  ///
  /// - Throws: ``OperatorFault``.
  func read<Value>(_ work: (Database) throws -> Value) throws(OperatorFault) -> Value {
    try StoreFault.naming(subject) { try queue.read(work) }
  }

  /// Moves everything from the write-ahead log into the database, where secure_delete overwrites what was deleted, and
  /// empties the log. What it could not move now goes with the next call or at closing.
  func emptyLog() { _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) } }

  /// Writes a copy of the store as it is into an empty file, through SQLite's backup.
  ///
  /// - Throws: ``OperatorFault``.
  func copy(to path: String) throws(OperatorFault) { try StoreCopy(path: path).fill(from: queue, subject: subject) }

  /// Closes the connection.
  ///
  /// - Throws: ``OperatorFault``.
  func close() throws(OperatorFault) { try StoreFault.naming(subject) { try queue.close() } }
}
