import Foundation
import GRDB
package import RotationCore
import SecretMemory

/// The rotator's durable state in one SQLite database, every secret in it sealed.
///
/// Besides the database the directory holds `lock`, which keeps a second daemon out, and copies that were kept: of an older version before it was
/// migrated, and of the store before another was restored.
package actor SQLiteRotationStore: RotationStoring {
  /// How many records the history keeps; the oldest go first.
  package static let historyLimit = 10_000

  /// SQLite blocks on the disk, so the actor has a thread of its own.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// What the open connection answered about durability; checked at opening.
  package nonisolated let durability: StoreDurability

  private nonisolated let executor = BlockingExecutor(label: "store")
  private let database: StoreDatabase
  private let seal: Seal
  private let storeIdentity: StoreIdentity
  private let tables: RecordTables
  private var lock: StoreLock?

  /// Opens the store, or makes it where the directory is empty or absent. A store of an older version is migrated, whole or not at all, and a
  /// copy of it is kept beside.
  ///
  /// - Parameters:
  ///   - directory: The directory, made with mode 0700 if it is absent.
  ///   - keyFile: The file with the 32-byte sealing key.
  /// - Throws: ``OperatorFault``: `.configuration` for a key file or a directory that is not as it must be, or the key of
  ///   another store; `.permission` and `.cannotCreate` for the directory; `.temporary` if another process holds the store;
  ///   `.data` for a damaged store or a newer one; `.inputOutput` for the disk.
  package init(directory: String, keyFile: String) throws(OperatorFault) {
    let seal = Seal(key: try StoreKeyFile(path: keyFile).read())
    let place = try StoreDirectory(preparing: directory)
    let lock = try StoreLock(of: place)
    try place.prepareFile(StoreDirectory.databaseName)
    place.synchronize()

    let database = try StoreDatabase(path: place.database)
    let row = StoreIdentityRow(seal: seal)
    let known = try database.read { try row.read(from: $0, keyFile: keyFile) }
    let identity = try StoreMigration(database: database, place: place).run { connection in
      try StoreSchema.migrate(connection, tables: known.map { RecordTables(rotator: $0.rotator, seal: seal) })
      return try known ?? row.create(in: connection)
    }
    // A damaged secret is found now, and not when it decides a rotation.
    try database.read { try SealedPlan.openAll(of: identity.rotator, under: seal, in: $0) }
    // What an earlier process destroyed may still be in the log that it left behind.
    database.emptyLog()
    durability = database.durability
    storeIdentity = identity
    tables = RecordTables(rotator: identity.rotator, seal: seal)
    self.database = database
    self.seal = seal
    self.lock = lock
  }

  /// Closes the store and lets another process have it; every later call fails.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`.
  package func close() throws(OperatorFault) {
    try database.close()
    lock = nil
  }

  // MARK: Reading

  /// The store's identity.
  package func identity() throws(OperatorFault) -> StoreIdentity { storeIdentity }

  /// All accounts known, by name.
  package func accounts() throws(OperatorFault) -> [AccountRecord] {
    try database.read { try tables.read(AccountRecord.self, from: .account, "ORDER BY name", in: $0) }
  }

  /// All nodes known, by name.
  package func nodes() throws(OperatorFault) -> [NodeRecord] {
    try database.read { try tables.read(NodeRecord.self, from: .node, "ORDER BY name", in: $0) }
  }

  /// The daemon's own state; an empty one in a new store.
  package func daemon() throws(OperatorFault) -> DaemonRecord {
    try database.read { try tables.read(DaemonRecord.self, from: .daemon, in: $0) }.first ?? DaemonRecord()
  }

  /// The newest records of an account, or of all, newest first; at most ``historyLimit``.
  package func history(of account: AccountName?, limit: Int) throws(OperatorFault) -> [OutcomeRecord] {
    let count = min(max(limit, 0), Self.historyLimit)
    let (clause, arguments): (String, StatementArguments) =
      account.map { ("WHERE account = ? ORDER BY id DESC LIMIT ?", [$0.storedName, count]) } ?? (
        "ORDER BY id DESC LIMIT ?", [count]
      )
    return try database.read { try tables.read(OutcomeRecord.self, from: .history, clause, arguments, in: $0) }
  }

  /// Unseals the secrets of one rotation; `nil` if they were destroyed or never held.
  package func secrets(of rotation: RotationID, account: AccountName) throws(OperatorFault) -> RotationSecrets? {
    let plan = plan(rotation, of: account)
    return try database.read { try plan.read(from: $0) }
  }

  private func plan(_ rotation: RotationID, of account: AccountName) -> SealedPlan {
    SealedPlan(rotator: storeIdentity.rotator, account: account, rotation: rotation, storeSeal: seal)
  }

  // MARK: Writing

  /// Makes a change durable, whole or not at all.
  package func commit(_ change: StoreChange, of account: AccountName?) throws(OperatorFault) {
    guard !change.isEmpty else { return }
    try database.write { connection in
      try write(change, of: account, to: connection)
    }
    // The deleted data keys are still in the log; the commit itself is durable already.
    if !change.destroy.isEmpty { database.emptyLog() }
  }

  private func write(_ change: StoreChange, of account: AccountName?, to connection: Database) throws {
    if let account { try write(change, ofAccount: account, to: connection) }
    if let daemon = change.daemon { try tables.replace(daemon, in: .daemon, of: "daemon", to: connection) }
    for record in change.records { try tables.append(record, to: connection) }
    if !change.records.isEmpty {
      try connection.execute(
        sql: "DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?", arguments: [Self.historyLimit])
    }
  }

  private func write(_ change: StoreChange, ofAccount account: AccountName, to connection: Database) throws {
    if let record = change.account { try tables.replace(record, in: .account, of: account.storedName, to: connection) }
    for (rotation, secrets) in change.seal { try plan(rotation, of: account).write(secrets, to: connection) }
    for rotation in change.destroy { try plan(rotation, of: account).destroy(in: connection) }
  }

  /// Remembers a node.
  package func remember(_ node: NodeRecord) throws(OperatorFault) {
    try database.write { try tables.replace(node, in: .node, of: node.node.description, to: $0) }
  }
}
