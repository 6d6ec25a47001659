import CredentialStore
import Foundation
import GRDB
import RotationCore
import SecretMemory
import Testing

/// A directory of its own with a key file, gone with the test.
final class StorePlace: Sendable {
  let root: URL
  let account: AccountName
  var directory: String { root.appending(path: "store").path }
  var keyFile: String { root.appending(path: "store.key").path }
  var databasePath: String { directory + "/rotator.db" }

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
    account = try AccountName("LAB\\EXCH2016ASA$")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: false)
    try writeKey()
  }

  /// The files of another store as they are now, its log among them, and its key: what is left of a daemon that was killed.
  convenience init(copying other: StorePlace) throws {
    try self.init()
    try FileManager.default.copyItem(atPath: other.directory, toPath: directory)
    try FileManager.default.removeItem(atPath: directory + "/rotator.db-shm")
    try Data(contentsOf: URL(filePath: other.keyFile)).write(to: URL(filePath: keyFile))
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func writeKey(count: Int = 32, mode: Int = 0o600) throws {
    let bytes = Data((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    try bytes.write(to: URL(filePath: keyFile))
    try setMode(mode, of: keyFile)
  }

  func setMode(_ mode: Int, of path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  func open() throws -> SQLiteRotationStore { try SQLiteRotationStore(directory: directory, keyFile: keyFile) }

  /// Changes the database behind the store's back.
  func tamper(_ sql: String) throws {
    try DatabaseQueue(path: databasePath).write { try $0.execute(sql: sql) }
  }

  /// Why the store does not open.
  func refusal() -> OperatorFault? {
    do {
      _ = try open()
      return nil
    } catch {
      return error as? OperatorFault
    }
  }
}

extension StorePlace {
  func examination() -> StoreExamination { StoreExamination(directory: directory, keyFile: keyFile) }

  /// Makes a store with two accounts, a staged slot with its secrets, and a history; leaves it closed.
  @discardableResult
  func fill() async throws -> RotatorID {
    let store = try open()
    let (plan, other) = (try plan(.make()), try AccountName("LAB\\OTHER$"))
    var change = StoreChange.sealing(.sample(), of: plan.rotation)
    change.account = record(staging: plan)
    change.account?.openAttempt = RotationID("an-attempt")
    change.records = [
      OutcomeRecord(
        kind: .rotationStarted, time: Date(timeIntervalSinceReferenceDate: 800_000_001), account: account, message: "started")
    ]
    try await store.commit(change, of: account)
    var second = StoreChange()
    second.account = AccountRecord(account: other, firstSeen: Date(timeIntervalSinceReferenceDate: 1), every: .seconds(60))
    try await store.commit(second, of: other)
    let rotator = try await store.identity().rotator
    try await store.close()
    return rotator
  }

  /// The store's identity.
  func identity() async throws -> RotatorID {
    let store = try open()
    let rotator = try await store.identity().rotator
    try await store.close()
    return rotator
  }

  func record(staging plan: RotationPlan) -> AccountRecord {
    var record = AccountRecord(
      account: account, firstSeen: Date(timeIntervalSinceReferenceDate: 800_000_000), every: .seconds(86_400))
    record.ledger.wasStaged(plan, servicePrincipalNames: [])
    return record
  }

  func plan(_ rotation: RotationID) throws -> RotationPlan {
    let server = DirectoryServer(
      dnsHostName: "dc1.lab.example", serviceIdentity: "", invocationID: "", isPDCEmulator: true, clockOffset: 0,
      securityStrength: 256)
    return RotationPlan(
      rotation: rotation, account: account, objectGUID: UUID(), expected: nil,
      claim: Stamp(epoch: Epoch(era: 1, number: 1), rotation: rotation, state: .claimed, rotator: .make()),
      currentVersion: KeyVersion(7), plannedVersion: KeyVersion(8),
      fingerprint: KeyFingerprint(of: RotationSecrets.sample().keys, under: .random(count: 32)),
      encryptionTypes: [], writer: server, participants: [], quorum: Quorum(arrays: [:], requirement: .all, without: []),
      plannedAt: Date(timeIntervalSinceReferenceDate: 800_000_000), stagingSeconds: 60, proofSeconds: 60)
  }

  // MARK: Damage

  func sealedDataKey(of rotation: RotationID) throws -> Data {
    try #require(
      try DatabaseQueue(path: databasePath).read { database in
        try Data.fetchOne(
          database, sql: "SELECT sealed_data_key FROM plan WHERE rotation = ?", arguments: [rotation.description])
      })
  }

  func sealedPassword() throws -> Data {
    try #require(
      try DatabaseQueue(path: databasePath).read { database in
        try Data.fetchOne(database, sql: "SELECT sealed FROM secret WHERE purpose = 'password'")
      })
  }

  /// Changes the bytes of the database file.
  func edit(_ change: (inout Data) throws -> Void) throws {
    var bytes = try Data(contentsOf: URL(filePath: databasePath))
    try change(&bytes)
    try bytes.write(to: URL(filePath: databasePath))
    try setMode(0o600, of: databasePath)
  }

  /// Flips the lowest bit of one byte of a sequence that is in the file.
  func flip(in sequence: Data, at offset: Int) throws {
    try edit { bytes in
      let found = try #require(bytes.range(of: sequence))
      bytes[found.lowerBound + offset] ^= 1
    }
  }

  /// Why the store does not open, or why a daemon cannot load it.
  func refusalToWork() async -> OperatorFault? {
    do {
      let store = try open()
      _ = try await (store.accounts(), store.nodes(), store.daemon())
      return nil
    } catch {
      return error as? OperatorFault
    }
  }
}

extension RotationSecrets {
  /// A fresh password with two made-up keys.
  static func sample(salt: String? = "LAB.EXAMPLEhostasa.lab.example") -> RotationSecrets {
    let keys = [
      AccountKey(encryptionType: 18, bytes: .random(count: 32)), AccountKey(encryptionType: 17, bytes: .random(count: 16)),
    ]
    return RotationSecrets(password: GeneratedPassword.make(), keys: AccountKeys(keys: keys, salt: salt))
  }
}

extension StoreChange {
  static func sealing(_ secrets: RotationSecrets, of rotation: RotationID) -> StoreChange {
    var change = StoreChange()
    change.seal[rotation] = secrets
    return change
  }

  static func destroying(_ rotation: RotationID) -> StoreChange {
    var change = StoreChange()
    change.destroy = [rotation]
    return change
  }
}
