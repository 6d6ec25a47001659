import Foundation
import GRDB
import RotationCore
import SecretMemory

/// Looks at what a store's database holds.
struct ContentsExamination {
  let keyFile: String

  /// Examines the database at a path; each step that cannot be taken is a finding, and ends what builds on it.
  func run(on path: String, into report: inout StoreReport) {
    let reader: StoreReader
    do throws(OperatorFault) {
      reader = try StoreReader(path: path)
      report.version = try reader.read { try StoreSchema.checkVersion(of: $0, subject: reader.subject) }
    } catch {
      report.findings.append(.critical(.version, error, so: Self.noStart))
      return
    }
    report.findings.append(version(report.version ?? 0))
    guard let version = report.version, version > 0 else { return }
    let integrity = integrity(reader)
    report.findings.append(integrity)
    // What SQLite itself finds damaged is not read any further.
    guard integrity.level == .fine else { return }
    sealed(reader, version: version, into: &report)
    report.findings.append(durability(reader, path: path, isBackup: report.circumstance == .backup))
  }

  private static let noStart = "the rotator does not start with it; nodes go on accepting with the keys that they hold"

  // MARK: Plain

  private func version(_ found: Int) -> StoreFinding {
    if found == StoreSchema.version { return .fine(.version, "schema \(found), the newest that this program knows") }
    guard found > 0 else {
      return .warning(
        .version, "it is empty", so: "the rotator makes a new store of it, which knows no account and pushes nothing",
        remedy: "nothing if it is new; else bring back the newest backup or use 'asactl credential adopt'")
    }
    return .warning(
      .version, "schema \(found), this program writes \(StoreSchema.version)",
      so: "it is migrated at the next start, and a copy of it is kept beside", remedy: "nothing")
  }

  private func integrity(_ reader: StoreReader) -> StoreFinding {
    do throws(OperatorFault) {
      let complaints = try reader.read { connection in
        try String.fetchAll(connection, sql: "PRAGMA integrity_check(10)").filter { $0 != "ok" }
          + Row.fetchAll(connection, sql: "PRAGMA foreign_key_check").map { _ in "a secret without its plan" }
      }
      guard let first = complaints.first else { return .fine(.integrity, "SQLite finds no damage") }
      throw OperatorFault(
        .data, reader.subject, "is damaged in \(complaints.count) places, first: \(first)", remedy: StoreFault.waysBack)
    } catch {
      return .critical(.integrity, error, so: Self.noStart)
    }
  }

  private func durability(_ reader: StoreReader, path: String, isBackup: Bool) -> StoreFinding {
    let mode = try? reader.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
    let size = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
    let log = (size ?? 0) == 0 ? "its log is empty" : "\((size ?? 0) >> 10) KiB are in its log and belong to it"
    if isBackup { return .fine(.durability, (size ?? 0) == 0 ? "one file, no log beside it" : log) }
    return .fine(
      .durability,
      "journal mode \(mode.flatMap(\.self) ?? "unknown"), \(log); the daemon sets synchronous=FULL and starts only if SQLite confirms it"
    )
  }

  // MARK: Under the key

  private func sealed(_ reader: StoreReader, version: Int, into report: inout StoreReport) {
    let seal: Seal
    do throws(OperatorFault) { seal = Seal(key: try StoreKeyFile(path: keyFile).read()) } catch {
      report.findings.append(
        .warning(
          .key, error.description, so: "neither the sealed secrets nor the checksums of the records were tried",
          remedy: "name the key with --key-file, or run this with the credential as the README says under Recover"))
      return
    }
    do throws(OperatorFault) {
      let identity = try reader.read { try StoreIdentityRow(seal: seal).read(from: $0, keyFile: keyFile) }
      report.rotator = identity?.rotator
      report.findings.append(.fine(.key, "the key opens it; it is rotator \(identity?.rotator.description ?? "unknown")"))
    } catch {
      report.findings.append(.critical(.key, error, so: Self.noStart))
      return
    }
    guard let rotator = report.rotator else { return }
    let tables = RecordTables(rotator: rotator, seal: seal, areTagged: version >= StoreSchema.taggedVersion)
    var accounts: [AccountRecord] = []
    report.findings.append(records(reader, tables, version: version, accounts: &accounts, report: &report))
    report.findings += secrets(reader, SecretsExamination(rotator: rotator, seal: seal, accounts: accounts))
  }

  private func records(
    _ reader: StoreReader, _ tables: RecordTables, version: Int, accounts: inout [AccountRecord], report: inout StoreReport
  ) -> StoreFinding {
    do throws(OperatorFault) {
      let found = try reader.read { try StoredRecords(tables, hasDaemon: version > 1, in: $0) }
      accounts = found.accounts
      report.newestRecord = found.newest
      for account in accounts { report.stamps[account.account] = account.knownStamp }
      guard let first = found.damaged.first else {
        let checksums = tables.areTagged ? "their checksums fit" : "records of this schema have no checksums"
        return .fine(.records, "\(found.count) records can be read, \(checksums)")
      }
      throw OperatorFault(
        .data, reader.subject,
        "\(found.damaged.count) of \(found.count) records are damaged, first the \(first.table.rawValue) record of '\(first.owner)'",
        remedy: StoreFault.waysBack)
    } catch {
      return .critical(.records, error, so: "what the store says of slots, stamps and open rotations is not to be trusted")
    }
  }

  private func secrets(_ reader: StoreReader, _ examination: SecretsExamination) -> [StoreFinding] {
    do throws(OperatorFault) { return try reader.read { try examination.findings(in: $0) } } catch {
      return [.critical(.secrets, error, so: Self.noStart)]
    }
  }
}

/// Every record of a store, the damaged ones apart.
struct StoredRecords {
  private(set) var accounts: [AccountRecord] = []
  private(set) var damaged: [RecordDamage] = []
  private(set) var count = 0
  private(set) var newest: Date?

  init(_ tables: RecordTables, hasDaemon: Bool, in database: Database) throws {
    accounts = try read(AccountRecord.self, from: .account, tables, database)
    _ = try read(NodeRecord.self, from: .node, tables, database)
    if hasDaemon { _ = try read(DaemonRecord.self, from: .daemon, tables, database) }
    newest = try read(OutcomeRecord.self, from: .history, tables, database).map(\.time).max()
  }

  private mutating func read<Record: Decodable>(
    _ type: Record.Type, from table: RecordTable, _ tables: RecordTables, _ database: Database
  ) throws -> [Record] {
    let results = try tables.results(type, from: table, in: database)
    count += results.count
    return results.compactMap { result in
      switch result {
      case .success(let record): return record
      case .failure(let damage):
        damaged.append(damage)
        return nil
      }
    }
  }
}
