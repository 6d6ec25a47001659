import CredentialStore
import Foundation
import RotationCore
import SecretMemory
import Testing

@Suite("The rotator's store")
struct SQLiteRotationStoreTests {
  let place: StorePlace

  init() throws { place = try StorePlace() }

  private static func newRecord(of account: AccountName) -> AccountRecord {
    AccountRecord(account: account, firstSeen: Date(timeIntervalSince1970: 1_800_000_000), every: .seconds(86_400))
  }

  private func record(_ number: Int, kind: RecordKind = .rotationSucceeded) -> OutcomeRecord {
    OutcomeRecord(
      kind: kind, time: Date(timeIntervalSince1970: Double(number) + 0.123), account: place.account,
      rotation: RotationID("r-\(number)"),
      version: KeyVersion(7), message: "record \(number)", passwordChanged: true)
  }

  @Test("Everything committed is there after the store is opened again")
  func reopen() async throws {
    let store = try place.open()
    let (rotation, secrets) = (RotationID.make(), RotationSecrets.sample())
    var change = StoreChange.sealing(secrets, of: rotation)
    change.account = Self.newRecord(of: place.account)
    change.records = [record(1), record(2, kind: .rotationFailed)]
    try await store.commit(change, of: place.account)
    let node = NodeRecord(node: try NodeName("cas-1.lab.example"), installation: "i", lastSeen: Date(timeIntervalSince1970: 5))
    try await store.remember(node)
    let identity = try await store.identity()
    try await store.close()

    let again = try place.open()
    #expect(try await again.accounts() == [Self.newRecord(of: place.account)])
    #expect(try await again.nodes() == [node])
    #expect(try await again.history(of: place.account, limit: 10) == [record(2, kind: .rotationFailed), record(1)])
    #expect(try await again.identity().rotator == identity.rotator)
    #expect(try await again.identity().fingerprintSecret == identity.fingerprintSecret)
    let opened = try await again.secrets(of: rotation, account: place.account)
    #expect(opened?.password == secrets.password)
    #expect(opened?.keys == secrets.keys)
  }

  @Test("Keys that were found rather than derived keep having no salt")
  func noSalt() async throws {
    let store = try place.open()
    let rotation = RotationID.make()
    try await store.commit(.sealing(.sample(salt: nil), of: rotation), of: place.account)
    let opened = try #require(try await store.secrets(of: rotation, account: place.account))
    #expect(opened.keys.salt == nil)
  }

  @Test("An account and a node are replaced, not repeated, and an account's case does not matter")
  func replaced() async throws {
    let store = try place.open()
    var change = StoreChange()
    change.account = Self.newRecord(of: place.account)
    try await store.commit(change, of: place.account)
    change.account?.objectGUID = UUID()
    try await store.commit(change, of: try AccountName("lab\\exch2016asa$"))
    #expect(try await store.accounts() == [change.account])

    let name = try NodeName("cas-1.lab.example")
    try await store.remember(NodeRecord(node: name))
    try await store.remember(NodeRecord(node: name, revokedAt: Date(timeIntervalSince1970: 1)))
    #expect(try await store.nodes() == [NodeRecord(node: name, revokedAt: Date(timeIntervalSince1970: 1))])
  }

  @Test("The history is told newest first, per account or whole, up to a limit")
  func history() async throws {
    let store = try place.open()
    let other = try AccountName("LAB\\OTHER$")
    var (change, foreign) = (StoreChange(), StoreChange())
    change.records = (1...5).map { record($0) }
    foreign.records = [record(6)]
    foreign.records[0].account = other
    try await store.commit(change, of: place.account)
    try await store.commit(foreign, of: other)
    #expect(try await store.history(of: nil, limit: 2).map(\.message) == ["record 6", "record 5"])
    #expect(try await store.history(of: place.account, limit: 2).map(\.message) == ["record 5", "record 4"])
    #expect(try await store.history(of: other, limit: -1) == [])
  }

  @Test("What the daemon remembers of itself survives, and its records belong to no account")
  func daemon() async throws {
    let store = try place.open()
    #expect(try await store.daemon() == DaemonRecord())
    var change = StoreChange()
    change.records = [record(1)]
    change.records[0].account = nil
    change.daemon = DaemonRecord()
    change.daemon?.runningSince = Date(timeIntervalSince1970: 1)
    try await store.commit(change, of: nil)
    #expect(try await store.daemon() == change.daemon)
    #expect(try await store.history(of: nil, limit: 5) == change.records)
    #expect(try await store.history(of: place.account, limit: 5) == [])
  }

  @Test("The history keeps its newest records and no more than its limit")
  func historyLimit() async throws {
    let store = try place.open()
    var change = StoreChange()
    change.records = (1...SQLiteRotationStore.historyLimit + 3).map { record($0) }
    try await store.commit(change, of: place.account)
    let kept = try await store.history(of: nil, limit: .max)
    #expect(kept.count == SQLiteRotationStore.historyLimit)
    #expect(kept.first?.message == "record \(SQLiteRotationStore.historyLimit + 3)")
    #expect(kept.last?.message == "record 4")
  }

  @Test("A change of which one part is refused leaves nothing behind")
  func atomicity() async throws {
    let store = try place.open()
    let kept = RotationID.make()
    try await store.commit(.sealing(.sample(), of: kept), of: place.account)
    try place.tamper("CREATE TRIGGER full BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'no room'); END")

    let added = RotationID.make()
    var change = StoreChange.sealing(.sample(), of: added)
    change.account = Self.newRecord(of: place.account)
    change.destroy = [kept]
    change.records = [record(1)]
    let fault = await #expect(throws: OperatorFault.self) { try await store.commit(change, of: place.account) }
    #expect(fault?.kind == .inputOutput)
    #expect(fault?.problem == "SQLite refused: no room")

    #expect(try await store.accounts() == [])
    #expect(try await store.history(of: nil, limit: 10) == [])
    #expect(try await store.secrets(of: added, account: place.account) == nil)
    #expect(try await store.secrets(of: kept, account: place.account) != nil)
  }

  @Test("A disk that takes no more bytes is an input/output fault, and the store goes on afterwards")
  func fullDisk() async {
    // A process of its own: the limit on file sizes is the whole process's.
    await #expect(processExitsWith: .success) {
      let place = try StorePlace()
      let store = try place.open()
      signal(SIGXFSZ, SIG_IGN)
      let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
      var limit = rlimit()
      getrlimit(fileSize, &limit)
      let before = limit
      limit.rlim_cur = 4096
      setrlimit(fileSize, &limit)
      let rotation = RotationID.make()
      let fault = await #expect(throws: OperatorFault.self) {
        try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
      }
      #expect(fault?.kind == .inputOutput)
      limit = before
      setrlimit(fileSize, &limit)
      #expect(try await store.secrets(of: rotation, account: place.account) == nil)
      try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
      #expect(try await store.secrets(of: rotation, account: place.account) != nil)
    }
  }

  @Test("Destroyed secrets are gone, the others stay")
  func destroyed() async throws {
    let store = try place.open()
    let (first, second) = (RotationID.make(), RotationID.make())
    try await store.commit(.sealing(.sample(), of: first), of: place.account)
    try await store.commit(.sealing(.sample(), of: second), of: place.account)
    try await store.commit(.destroying(first), of: place.account)
    #expect(try await store.secrets(of: first, account: place.account) == nil)
    #expect(try await store.secrets(of: second, account: place.account) != nil)
  }

  @Test("Sealing under a rotation again replaces what it had")
  func resealed() async throws {
    let store = try place.open()
    let (rotation, second) = (RotationID.make(), RotationSecrets.sample(salt: "OTHER"))
    try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
    try await store.commit(.sealing(second, of: rotation), of: place.account)
    let opened = try await store.secrets(of: rotation, account: place.account)
    #expect(opened?.keys == second.keys)
  }

  @Test("Commits are on disk when they return, and deleted content is overwritten")
  func durability() throws {
    let durability = try place.open().durability
    #expect(durability.journalMode == "wal")
    #expect(durability.synchronous == 2)
    #expect(durability.secureDelete == 1)
    #expect(durability.foreignKeys == 1)
  }
}
