import GRDB
import RotationCore

/// The tables, version by version. A version that was ever released is never edited; a change is a new one.
enum StoreSchema {
  /// The newest version that this program understands (`PRAGMA user_version`).
  static let version = migrations.count

  /// Brings an older (or empty) database up to ``version``.
  static func migrate(_ database: Database) throws {
    for step in try currentVersion(of: database)..<version {
      try database.execute(sql: migrations[step])
      try database.execute(sql: "PRAGMA user_version = \(step + 1)")
    }
  }

  /// The version of a database; 0 if it is empty.
  static func currentVersion(of database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
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
  ]
}
