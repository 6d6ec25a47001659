import CredentialStore
import Foundation
import GRDB
import RotationCore
import Testing

@Suite("Backup and restore")
struct StoreBackupTests {
  let place: StorePlace
  let file: String

  init() throws {
    place = try StorePlace()
    file = place.root.appending(path: "backup.db").path
  }

  private func backup(to path: String? = nil) throws -> StoreReport {
    try StoreBackup(directory: place.directory, keyFile: place.keyFile).write(to: path ?? file)
  }

  private func restore() throws -> StoreRestoration.Outcome {
    try StoreRestoration(directory: place.directory, keyFile: place.keyFile).run(from: file)
  }

  private func refusal(_ work: () throws -> Void) -> OperatorFault? {
    do {
      try work()
      return nil
    } catch {
      return error as? OperatorFault
    }
  }

  private func files() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: place.directory)).subtracting([
      "lock", "rotator.db-wal", "rotator.db-shm",
    ])
  }

  // MARK: Backup

  @Test("A backup taken while the store is open has everything, in one file for the owner alone")
  func whileOpen() async throws {
    let store = try place.open()
    let rotation = RotationID.make()
    try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
    let report = try backup()
    #expect(report.circumstance == .backup && report.fault == nil)
    #expect(try place.mode(of: file) == 0o600)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.root.path).filter { $0.hasPrefix("backup") } == ["backup.db"])
    // The store goes on, and what it has sealed since is not in the backup.
    try await store.commit(.destroying(rotation), of: place.account)
    try await store.close()
    _ = try restore()
    #expect(try await place.open().secrets(of: rotation, account: place.account) != nil)
  }

  @Test("An existing file is never overwritten, nor is a link followed", arguments: [true, false])
  func noOverwriting(isLink: Bool) async throws {
    try await place.fill()
    if isLink {
      try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: place.root.path + "/elsewhere")
    } else {
      try Data("mine".utf8).write(to: URL(filePath: file))
    }
    let fault = refusal { _ = try backup() }
    #expect(fault?.kind == .cannotCreate && fault?.subject == "backup \(file)")
    #expect(!FileManager.default.fileExists(atPath: place.root.path + "/elsewhere"))
    if !isLink { #expect(try Data(contentsOf: URL(filePath: file)) == Data("mine".utf8)) }
  }

  @Test("What was destroyed before is not in it, not even sealed in a free page")
  func destroyedBefore() async throws {
    let store = try place.open()
    let (gone, kept) = (RotationID.make(), RotationID.make())
    for rotation in [gone, kept] { try await store.commit(.sealing(.sample(), of: rotation), of: place.account) }
    let sealed = try [gone, kept].map { try place.sealedDataKey(of: $0) }
    try await store.commit(.destroying(gone), of: place.account)
    _ = try backup()
    let contents = try Data(contentsOf: URL(filePath: file))
    #expect(contents.range(of: sealed[0]) == nil)
    // The control.
    #expect(contents.range(of: sealed[1]) != nil)
  }

  @Test(
    "A damaged store gives no backup, and no file is left",
    arguments: [Damage.truncatedToHalf, .flippedBitInARecord, .flippedBitInASealedSecret, .newerVersion])
  func damaged(_ damage: Damage) async throws {
    try await place.fill()
    try damage.happen(to: place)
    #expect(refusal { _ = try backup() }?.kind == .data)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("Without the key a backup is taken all the same, and says what was not tried")
  func withoutKey() async throws {
    try await place.fill()
    try FileManager.default.removeItem(atPath: place.keyFile)
    let report = try backup()
    #expect(report.rotator == nil && report.level == .warning)
  }

  // MARK: Restore

  @Test("A restored store is the one that was backed up, and the one before is kept beside")
  func restored() async throws {
    let rotator = try await place.fill()
    _ = try backup()
    let store = try place.open()
    let later = RotationID.make()
    try await store.commit(.sealing(.sample(), of: later), of: place.account)
    try await store.close()

    let outcome = try restore()
    #expect(outcome.backup.rotator == rotator && outcome.leftOut == 0)
    let again = try place.open()
    #expect(try await again.identity().rotator == rotator)
    #expect(try await again.secrets(of: later, account: place.account) == nil)
    try await again.close()

    let kept = try #require(outcome.kept)
    #expect(try place.mode(of: kept) == 0o600)
    try FileManager.default.moveItem(atPath: kept, toPath: place.databasePath + "-")
    try FileManager.default.removeItem(atPath: place.databasePath)
    try FileManager.default.moveItem(atPath: place.databasePath + "-", toPath: place.databasePath)
    #expect(try await place.open().secrets(of: later, account: place.account) != nil)
  }

  @Test("Is refused while a daemon has the store, and changes nothing")
  func whileRunning() async throws {
    try await place.fill()
    _ = try backup()
    let store = try place.open()
    let fault = refusal { _ = try restore() }
    #expect(fault?.kind == .temporary && fault?.remedy.contains("systemctl stop") == true)
    try await store.commit(.sealing(.sample(), of: .make()), of: place.account)
  }

  @Test(
    "A backup that is damaged, newer, another key's, empty or missing is refused, and the store stays as it was",
    arguments: ["truncated", "flipped", "newer", "key", "empty", "missing", "foreign"])
  func unusable(_ what: String) async throws {
    try await place.fill()
    _ = try backup()
    var bytes = try Data(contentsOf: URL(filePath: file))
    switch what {
    case "truncated": try bytes.prefix(5000).write(to: URL(filePath: file))
    case "flipped":
      let found = try #require(bytes.range(of: Data("\"firstSeen\"".utf8)))
      bytes[found.lowerBound + 3] ^= 1
      try bytes.write(to: URL(filePath: file))
    case "newer": try await DatabaseQueue(path: file).write { try $0.execute(sql: "PRAGMA user_version = 99") }
    case "key": try place.writeKey()
    case "empty": try Data().write(to: URL(filePath: file))
    case "missing": try FileManager.default.removeItem(atPath: file)
    default: try Data("no database at all, but long enough to look at".utf8).write(to: URL(filePath: file))
    }
    let before = try Data(contentsOf: URL(filePath: place.databasePath))
    let fault = refusal { _ = try restore() }
    let kinds: [String: OperatorFault.Kind] = ["key": .configuration, "missing": .noInput]
    #expect(fault?.kind == kinds[what] ?? .data)
    #expect(fault?.subject.hasSuffix(file) == true)
    #expect(try Data(contentsOf: URL(filePath: place.databasePath)) == before)
    #expect(try files() == ["rotator.db"])
  }

  @Test("Without the key nothing is restored unchecked")
  func restoreWithoutKey() async throws {
    try await place.fill()
    _ = try backup()
    try FileManager.default.removeItem(atPath: place.keyFile)
    #expect(refusal { _ = try restore() }?.kind == .configuration)
  }

  @Test(
    "It replaces a store that cannot be opened any more, and keeps that too",
    arguments: [Damage.truncatedToHalf, .newerVersion])
  func overDamage(_ damage: Damage) async throws {
    let rotator = try await place.fill()
    _ = try backup()
    try damage.happen(to: place)
    let broken = try Data(contentsOf: URL(filePath: place.databasePath))
    let outcome = try restore()
    #expect(try Data(contentsOf: URL(filePath: try #require(outcome.kept))) == broken)
    #expect(try await place.open().identity().rotator == rotator)
  }

  @Test("It fills a directory that has no store")
  func overNothing() async throws {
    let rotator = try await place.fill()
    _ = try backup()
    try Damage.deleted.happen(to: place)
    #expect(try restore().kept == nil)
    #expect(try await place.open().identity().rotator == rotator)
  }

  @Test("The log that a killed daemon has left belongs to the store before, and not to the restored one")
  func leftLog() async throws {
    try await place.fill()
    _ = try backup()
    let store = try place.open()
    let later = RotationID.make()
    try await store.commit(.sealing(.sample(), of: later), of: place.account)
    let killed = try StorePlace(copying: place)
    let outcome = try StoreRestoration(directory: killed.directory, keyFile: killed.keyFile).run(from: file)
    #expect(try await killed.open().secrets(of: later, account: place.account) == nil)
    let kept = try await DatabaseQueue(path: try #require(outcome.kept)).read { database in
      try Int.fetchOne(database, sql: "SELECT count(*) FROM plan WHERE rotation = ?", arguments: [later.description])
    }
    #expect(kept == 1)
  }

  @Test("Keys that the present store has destroyed are not brought back; those that it never had are")
  func destroyedSince() async throws {
    let store = try place.open()
    let (gone, kept) = (try place.plan(.make()), RotationID.make())
    var record = place.record(staging: gone)
    for rotation in [gone.rotation, kept] {
      var change = StoreChange.sealing(.sample(), of: rotation)
      change.account = record
      try await store.commit(change, of: place.account)
    }
    let sealed = try place.sealedDataKey(of: gone.rotation)
    _ = try backup()
    record.ledger.wasUnstaged(gone, servicePrincipalNames: [])
    var change = StoreChange.destroying(gone.rotation)
    change.account = record
    try await store.commit(change, of: place.account)
    // Gone without the ledger's word: a store that is older than the backup looks like this.
    try await store.commit(.destroying(kept), of: place.account)
    try await store.close()

    #expect(try restore().leftOut == 1)
    #expect(try Data(contentsOf: URL(filePath: place.databasePath)).range(of: sealed) == nil)
    let again = try place.open()
    #expect(try await again.secrets(of: gone.rotation, account: place.account) == nil)
    #expect(try await again.secrets(of: kept, account: place.account) != nil)
  }
}
