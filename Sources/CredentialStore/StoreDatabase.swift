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
    (queue, durability) = try Self.translating(subject) {
      var configuration = GRDB.Configuration()
      configuration.label = "store"
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { try Self.checkReadable($0, subject: subject) }
      return (queue, try queue.writeWithoutTransaction { try Self.makeDurable($0) })
    }
    guard durability == .required else {
      throw OperatorFault(
        .system, subject, "cannot be made durable: SQLite answers \(durability)", remedy: "put it on a local file system")
    }
  }

  private static func checkReadable(_ database: Database, subject: String) throws {
    let version = try StoreSchema.currentVersion(of: database)
    guard version <= StoreSchema.version else {
      throw OperatorFault(
        .data, subject, "was written by a newer version (schema \(version), this one knows \(StoreSchema.version))",
        remedy: "run that version again")
    }
    guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "quick_check found damage")
    }
    // A database of somebody else's has tables without our version.
    guard try version > 0 || Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 else {
      throw OperatorFault(.data, subject, "is not a store of this program", remedy: "name another directory")
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
    try Self.translating(subject) { try queue.write(work) }
  }

  /// Runs `work` on an unchanging view.
  ///
  /// - Throws: ``OperatorFault``.
  func read<Value>(_ work: (Database) throws -> Value) throws(OperatorFault) -> Value {
    try Self.translating(subject) { try queue.read(work) }
  }

  /// Moves everything from the write-ahead log into the database, where secure_delete overwrites what was deleted, and
  /// empties the log. What it could not move now goes with the next call or at closing.
  func emptyLog() { _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) } }

  /// Closes the connection.
  ///
  /// - Throws: ``OperatorFault``.
  func close() throws(OperatorFault) { try Self.translating(subject) { try queue.close() } }

  /// Turns SQLite's errors into faults. Their text is SQLite's own message, never the statement with its values.
  private static func translating<Value>(_ subject: String, _ work: () throws -> Value) throws(OperatorFault) -> Value {
    do {
      return try work()
    } catch let fault as OperatorFault {
      throw fault
    } catch let error as DatabaseError {
      let message = error.message ?? error.resultCode.description
      guard [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) else {
        throw OperatorFault(.inputOutput, subject, "SQLite refused: \(message)", remedy: "check the disk and its free space")
      }
      throw OperatorFault(.data, subject, "is damaged: \(message)", remedy: "restore the directory from a backup")
    } catch {
      throw OperatorFault(.data, subject, "holds something unreadable", remedy: "restore the directory from a backup")
    }
  }
}
