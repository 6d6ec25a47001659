import GRDB
import RotationCore

/// The tables, version by version. A version that was ever released is never edited; a change is a new one.
enum StoreSchema {
  /// The newest version that this program understands (`PRAGMA user_version`).
  static let version = migrations.count

  /// The first version whose records carry checksums.
  static let taggedVersion = 3

  /// Brings an older (or empty) database up to ``version``.
  ///
  /// - Parameter tables: The tables of the store that the database is; `nil` if it is empty.
  static func migrate(_ database: Database, tables: RecordTables?) throws {
    for step in try currentVersion(of: database)..<version {
      try database.execute(sql: migrations[step])
      if step + 1 == taggedVersion { try tables?.tagEverything(in: database) }
      try database.execute(sql: "PRAGMA user_version = \(step + 1)")
    }
  }

  /// The version of a database; 0 if it is empty.
  static func currentVersion(of database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
  }

  /// Refuses a database of a newer program or of somebody else.
  ///
  /// - Returns: Its version.
  /// - Throws: ``OperatorFault`` of kind `.data`.
  static func checkVersion(of database: Database, subject: String) throws -> Int {
    let found = try currentVersion(of: database)
    guard found <= version else {
      throw OperatorFault(
        .data, subject, "was written by a newer version (schema \(found), this one knows \(version))",
        remedy: "install that version again; nothing was changed")
    }
    guard try found > 0 || Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 else {
      throw OperatorFault(.data, subject, "is not a store of this program", remedy: "name another directory")
    }
    return found
  }

  private static let migrations = [
    """
    CREATE TABLE store (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      rotator TEXT NOT NULL,
      sealed_check BLOB NOT NULL,
      sealed_fingerprint_secret BLOB NOT NULL
    ) STRICT;
    CREATE TABLE account (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE TABLE plan (
      rotation TEXT PRIMARY KEY NOT NULL,
      account TEXT NOT NULL,
      contents TEXT NOT NULL,
      sealed_data_key BLOB NOT NULL
    ) STRICT;
    CREATE TABLE secret (
      rotation TEXT NOT NULL REFERENCES plan ON DELETE CASCADE,
      purpose TEXT NOT NULL,
      sealed BLOB NOT NULL,
      PRIMARY KEY (rotation, purpose)
    ) STRICT;
    CREATE TABLE history (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE INDEX history_of_account ON history (account, id);
    CREATE TABLE node (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL) STRICT;
    """,
    // The policy of before has not all keys; without one, the configuration's counts as unchanged.
    """
    CREATE TABLE daemon (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL) STRICT;
    UPDATE account SET record = json_remove(record, '$.policy');
    """,
    // Filled in by the step itself.
    """
    ALTER TABLE account ADD COLUMN tag BLOB NOT NULL DEFAULT x'';
    ALTER TABLE node ADD COLUMN tag BLOB NOT NULL DEFAULT x'';
    ALTER TABLE daemon ADD COLUMN tag BLOB NOT NULL DEFAULT x'';
    ALTER TABLE history ADD COLUMN tag BLOB NOT NULL DEFAULT x'';
    """,
  ]
}
