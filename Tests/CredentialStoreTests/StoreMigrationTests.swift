import CredentialStore
import Foundation
import GRDB
import RotationCore
import SecretMemory
import Testing

@Suite("A store of an older version")
struct StoreMigrationTests {
  let place: StorePlace

  init() throws {
    place = try StorePlace()
    try StoreVersion1.write(to: place)
  }

  private func version(_ path: String) throws -> Int? {
    try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
  }

  private var copies: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: place.directory).filter { $0.hasPrefix("rotator.db.") } }
  }

  @Test("Everything of a store of version 1 is there after it was opened")
  func contents() async throws {
    let store = try place.open()
    #expect(try await store.identity().rotator.description == StoreVersion1.rotator)
    let account = try #require(try await store.accounts().first)
    #expect(account.account == place.account && account.objectGUID != nil && account.policy == nil)
    #expect(try await store.nodes().map(\.installation) == ["i"])
    #expect(try await store.history(of: place.account, limit: 9).map(\.message) == ["kept from before"])
    #expect(try await store.daemon() == DaemonRecord())
    let rotation = try #require(RotationID(StoreVersion1.rotation))
    let key = try await store.secrets(of: rotation, account: place.account)?.keys.keys.first { $0.encryptionType == 18 }
    let hex = key?.bytes.withUnsafeBytes { $0.map { String(format: "%02x", $0) }.joined() }
    #expect(hex == StoreVersion1.aes256)
  }

  @Test("A copy of it as it was is kept beside, for the owner alone, and only once")
  func copyKept() async throws {
    try await place.open().close()
    try await place.open().close()
    let names = try copies
    #expect(names.count == 1 && names[0].hasPrefix("rotator.db.v1-"))
    let copy = "\(place.directory)/\(names[0])"
    #expect(try place.mode(of: copy) == 0o600)
    #expect(try version(copy) == 1)
    #expect(try version(place.databasePath) == 3)
    let accounts = try await DatabaseQueue(path: copy).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM account") }
    #expect(accounts == 1)
  }

  @Test("A migration that fails leaves the store as it was, and no copy")
  func allOrNothing() async throws {
    // The table that the first step is about to make.
    try place.tamper("CREATE TABLE daemon (somebody TEXT)")
    let fault = try #require(place.refusal())
    #expect(fault.kind == .data)
    #expect(try version(place.databasePath) == 1)
    #expect(try copies == [])
    try place.tamper("DROP TABLE daemon")
    #expect(try await place.open().accounts().count == 1)
  }

  @Test("The wrong key is refused before anything is migrated")
  func wrongKey() throws {
    try place.writeKey()
    #expect(place.refusal()?.subject == "store key \(place.keyFile)")
    #expect(try version(place.databasePath) == 1)
    #expect(try copies == [])
  }

  @Test("A check of it says what will happen, and leaves it as it is")
  func check() throws {
    let report = try place.examination().run()
    #expect(report.level == .warning)
    #expect(report.findings.first { $0.subject == .version }?.consequence?.contains("migrated") == true)
    #expect(try version(place.databasePath) == 1)
  }
}
