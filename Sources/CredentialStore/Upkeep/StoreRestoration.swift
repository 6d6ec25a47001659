import Foundation
import GRDB
import Glibc
import PosixStatus
package import RotationCore

/// Puts a backup in the place of a store that no daemon uses.
package struct StoreRestoration: Sendable {
  /// What a restoration has done.
  package struct Outcome: Sendable {
    /// What the check of the backup has found; nothing critical.
    package let backup: StoreReport
    /// Where the store of before is kept; `nil` if there was none.
    package let kept: String?
    /// How many rotations' secrets were in the backup and not brought back, because the store of before had destroyed them.
    package let leftOut: Int
  }

  private let directory: String
  private let keyFile: String

  /// Names a store, which may be damaged or missing in its directory.
  package init(directory: String, keyFile: String) {
    self.directory = directory
    self.keyFile = keyFile
  }

  /// Checks the backup, keeps the present store beside, and replaces it as a whole.
  ///
  /// - Throws: ``OperatorFault``, with the present store as it was: `.temporary` if a daemon runs, `.data` for a backup that is damaged, empty or of
  ///   a newer version, `.configuration` if the key is not the backup's or cannot be read.
  package func run(from backup: String) throws(OperatorFault) -> Outcome {
    let place = try StoreDirectory(existing: directory)
    let lock = try lock(place)
    let report = try check(backup)
    let (staged, destroyed) = (StagedStore(place: place), presentlyDestroyed(in: place))
    let leftOut: Int
    let kept: String?
    do throws(OperatorFault) {
      leftOut = try staged.fill(from: try StoreReader(path: backup), without: destroyed)
      kept = try keep(place)
      try staged.putInForce()
    } catch {
      staged.remove()
      throw error
    }
    return withExtendedLifetime(lock) { Outcome(backup: report, kept: kept, leftOut: leftOut) }
  }

  private func lock(_ place: StoreDirectory) throws(OperatorFault) -> StoreLock {
    do throws(OperatorFault) { return try StoreLock(of: place) } catch {
      guard error.kind == .temporary else { throw error }
      throw OperatorFault(
        error.kind, error.subject, error.problem, remedy: "stop the rotator first: systemctl stop asa-rotatord")
    }
  }

  private func check(_ backup: String) throws(OperatorFault) -> StoreReport {
    let report = try StoreExamination.run(onBackup: backup, keyFile: keyFile)
    if let fault = report.fault {
      throw OperatorFault(fault.kind, "backup \(backup)", fault.problem, remedy: "take another backup; nothing was changed")
    }
    guard report.version ?? 0 > 0 else {
      throw OperatorFault(.data, "backup \(backup)", "holds no store", remedy: "take another backup; nothing was changed")
    }
    guard report.rotator != nil else {
      let key = report.findings.first { $0.subject == .key }
      throw OperatorFault(
        .configuration, "backup \(backup)", "cannot be checked without the store key: \(key?.message ?? "")",
        remedy: key?.remedy ?? "name it with --key-file")
    }
    return report
  }

  /// What the present store has destroyed for good, as far as it can be read; its log is emptied on the way.
  private func presentlyDestroyed(in place: StoreDirectory) -> Set<RotationID> {
    do throws(OperatorFault) {
      guard FileStatus(path: place.database)?.size ?? 0 > 0 else { return [] }
      let database = try StoreDatabase(path: place.database)
      database.emptyLog()
      let found = try database.read { try destroyed(in: $0) }
      try database.close()
      return found
    } catch {
      return []
    }
  }

  private func destroyed(in database: Database) throws -> Set<RotationID> {
    let seal = Seal(key: try StoreKeyFile(path: keyFile).read())
    guard let identity = try StoreIdentityRow(seal: seal).read(from: database, keyFile: keyFile) else { return [] }
    let version = try StoreSchema.currentVersion(of: database)
    let tables = RecordTables(rotator: identity.rotator, seal: seal, areTagged: version >= StoreSchema.taggedVersion)
    let held = Set(try SealedPlan.all(of: identity.rotator, under: seal, in: database).map(\.rotation))
    let gone = try tables.read(AccountRecord.self, from: .account, in: database).flatMap(\.ledger.destroyedRotations)
    return Set(gone).subtracting(held)
  }

  /// Gives the present store another name as well; it keeps the old one until the backup takes it.
  private func keep(_ place: StoreDirectory) throws(OperatorFault) -> String? {
    guard FileStatus(path: place.database) != nil else { return nil }
    let name = "\(place.database).before-restore-\(StoreCopy.stamp(of: Date()))"
    let isFree = { (path: String) in FileStatus(path: path) == nil }
    let kept = ([name] + (2...99).map { "\(name)-\($0)" }).first(where: isFree) ?? name
    for suffix in ["", "-wal"] where FileStatus(path: place.database + suffix) != nil {
      guard link(place.database + suffix, kept + suffix) == 0 else {
        throw OperatorFault(
          .cannotCreate, kept + suffix, "cannot be made: \(String(cString: strerror(errno)))",
          remedy: "move the store away by hand and try again")
      }
    }
    place.synchronize()
    return kept
  }
}

extension SlotLedger {
  /// The rotations whose keys this ledger has ordered everybody to destroy.
  var destroyedRotations: [RotationID] { dropped }
}

/// The restored store before it is in force.
private struct StagedStore {
  let place: StoreDirectory
  private static let name = "rotator.db.restoring"
  private var path: String { place.file(Self.name) }

  /// Copies a backup, without the secrets of some rotations.
  ///
  /// - Returns: How many of them were in it.
  func fill(from reader: StoreReader, without destroyed: Set<RotationID>) throws(OperatorFault) -> Int {
    remove()
    close(try place.open(Self.name, O_CREAT | O_EXCL))
    try StoreCopy(path: path).fill(from: reader.queue, subject: reader.subject)
    return try StoreFault.naming("store \(path)") {
      let queue = try DatabaseQueue(path: path)
      defer { try? queue.close() }
      return try queue.writeWithoutTransaction { connection in
        // Without these two the keys would go on standing in free pages.
        _ = try Int.fetchOne(connection, sql: "PRAGMA secure_delete = ON")
        try connection.execute(sql: "PRAGMA foreign_keys = ON")
        var count = 0
        for rotation in destroyed {
          try connection.execute(sql: "DELETE FROM plan WHERE rotation = ?", arguments: [rotation.description])
          count += connection.changesCount
        }
        return count
      }
    }
  }

  /// Puts the copy in the store's place. A log of the old store must be gone by then: SQLite would apply it to the new one.
  func putInForce() throws(OperatorFault) {
    for suffix in ["-wal", "-shm"] { unlink(place.database + suffix) }
    place.synchronize()
    guard rename(path, place.database) == 0 else {
      throw OperatorFault(
        .cannotCreate, place.database, "cannot be replaced: \(String(cString: strerror(errno)))",
        remedy: "let the service user write to \(place.path)")
    }
    place.synchronize()
  }

  func remove() {
    for suffix in ["", "-journal"] { unlink(path + suffix) }
  }
}
