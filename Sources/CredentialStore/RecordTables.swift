import Crypto
import Foundation
import GRDB
import RotationCore

/// A table whose rows are one record each.
enum RecordTable: String, CaseIterable {
  case account, node, daemon, history

  /// The SQL expression that says whose record a row is.
  var owner: String {
    switch self {
    case .account, .node: "name"
    case .daemon: "'daemon'"
    case .history: "account"
    }
  }
}

/// A record is not the one that was written, or cannot be read as one.
struct RecordDamage: Error {
  let table: RecordTable
  let owner: String
}

/// Reads and writes records, each with a keyed checksum beside it: SQLite has none over its pages, and a flipped bit would pass for
/// another kvno, or make an open rotation disappear.
struct RecordTables {
  let rotator: RotatorID
  let seal: Seal
  /// Whether the records have checksums; a store that is not migrated yet has none.
  var areTagged = true

  // MARK: Writing

  /// Writes a record in place of the one that its owner had.
  func replace(_ record: some Encodable, in table: RecordTable, of owner: String, to database: Database) throws {
    let text = try RecordText.encode(record)
    let (column, value): (String, any DatabaseValueConvertible) = table == .daemon ? ("id", 1) : ("name", owner)
    try database.execute(
      sql: """
        INSERT INTO \(table.rawValue) (\(column), record, tag) VALUES (?, ?, ?)
        ON CONFLICT (\(column)) DO UPDATE SET record = excluded.record, tag = excluded.tag
        """, arguments: [value, text, tag(of: text, in: table, owner: owner)])
  }

  /// Adds a record to the history.
  func append(_ record: OutcomeRecord, to database: Database) throws {
    let (text, owner) = (try RecordText.encode(record), record.account?.storedName ?? "")
    try database.execute(
      sql: "INSERT INTO history (account, record, tag) VALUES (?, ?, ?)",
      arguments: [owner, text, tag(of: text, in: .history, owner: owner)])
  }

  /// Gives every row the checksum of the record that it has.
  func tagEverything(in database: Database) throws {
    for table in RecordTable.allCases {
      let rows = try Row.fetchAll(
        database, sql: "SELECT rowid AS place, \(table.owner) AS owner, record FROM \(table.rawValue)")
      for row in rows {
        let tag = tag(of: row["record"], in: table, owner: row["owner"])
        try database.execute(
          sql: "UPDATE \(table.rawValue) SET tag = ? WHERE rowid = ?", arguments: [tag, row["place"] as Int64])
      }
    }
  }

  // MARK: Reading

  /// The records of a table.
  ///
  /// - Parameter rest: SQL after the table's name.
  /// - Throws: ``RecordDamage``.
  func read<Record: Decodable>(
    _ type: Record.Type, from table: RecordTable, _ rest: String = "", _ arguments: StatementArguments = [],
    in database: Database
  ) throws -> [Record] {
    try results(type, from: table, rest, arguments, in: database).map { try $0.get() }
  }

  /// The records of a table, the damaged ones among them as such.
  func results<Record: Decodable>(
    _ type: Record.Type, from table: RecordTable, _ rest: String = "", _ arguments: StatementArguments = [],
    in database: Database
  ) throws -> [Result<Record, RecordDamage>] {
    let columns = areTagged ? "record, tag" : "record, x'' AS tag"
    let rows = try Row.fetchAll(
      database, sql: "SELECT \(table.owner) AS owner, \(columns) FROM \(table.rawValue) \(rest)", arguments: arguments)
    return rows.map { row in
      let (owner, text, tag): (String, String, Data) = (row["owner"], row["record"], row["tag"])
      guard !areTagged || isTag(tag, of: text, in: table, owner: owner), let record = try? RecordText.decode(type, from: text)
      else { return .failure(RecordDamage(table: table, owner: owner)) }
      return .success(record)
    }
  }

  // MARK: Checksums

  private func tag(of text: String, in table: RecordTable, owner: String) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: bytes(of: text, in: table, owner: owner), using: seal.tagKey))
  }

  private func isTag(_ tag: Data, of text: String, in table: RecordTable, owner: String) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(tag, authenticating: bytes(of: text, in: table, owner: owner), using: seal.tagKey)
  }

  private func bytes(of text: String, in table: RecordTable, owner: String) -> Data {
    SealLabel(rotator: rotator, account: owner, purpose: "record:\(table.rawValue)").bytes + Data(text.utf8)
  }
}

extension Seal {
  /// The key of the records' checksums. It is another one than the key that seals: one key serves one purpose.
  var tagKey: SymmetricKey { derivedKey("record tags") }
}
