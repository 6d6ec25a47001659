import CredentialStore
import Foundation
import RotationCore
import Testing

@Suite("A check of the store")
struct StoreCheckTests {
  let place: StorePlace

  init() throws { place = try StorePlace() }

  private func findings(_ subject: StoreFinding.Subject) throws -> [StoreFinding] {
    try place.examination().run().findings.filter { $0.subject == subject }
  }

  @Test("Finds nothing wrong with a sound store, and says everything that it looked at")
  func sound() async throws {
    let rotator = try await place.fill()
    let report = try place.examination().run()
    #expect(report.findings.filter { $0.level > .fine } == [])
    #expect(
      report.findings.map(\.subject) == [.files, .version, .integrity, .key, .records, .secrets, .durability, .space])
    #expect(report.rotator == rotator && report.version == 3 && report.circumstance == .stopped)
    #expect(report.newestRecord == Date(timeIntervalSinceReferenceDate: 800_000_001))
  }

  @Test("Works beside an open store, sees what was committed last, and says that it is running")
  func running() async throws {
    let store = try place.open()
    try await store.commit(.sealing(.sample(), of: .make()), of: place.account)
    let report = try place.examination().run()
    #expect(report.circumstance == .running)
    #expect(report.findings.first { $0.subject == .secrets }?.message.hasPrefix("the secrets of 1 rotations open") == true)
    try await store.commit(.sealing(.sample(), of: .make()), of: place.account)
  }

  @Test("Reads the log that a killed daemon has left")
  func leftLog() async throws {
    let store = try place.open()
    let rotation = RotationID.make()
    try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
    let killed = try StorePlace(copying: place)
    let report = try killed.examination().run()
    #expect(report.circumstance == .stopped)
    #expect(report.findings.first { $0.subject == .durability }?.message.contains("are in its log") == true)
    #expect(try await killed.open().secrets(of: rotation, account: place.account) != nil)
  }

  @Test("Without the key everything else is looked at, and what was not is said")
  func noKey() async throws {
    try await place.fill()
    try FileManager.default.removeItem(atPath: place.keyFile)
    let report = try place.examination().run()
    #expect(report.level == .warning)
    #expect(report.findings.first { $0.subject == .key }?.consequence?.contains("were tried") == true)
    #expect(!report.findings.contains { $0.subject == .secrets })
  }

  @Test("Names secrets that no slot needs")
  func orphans() async throws {
    let store = try place.open()
    try await store.commit(.sealing(.sample(), of: .make()), of: place.account)
    try await store.close()
    #expect(try findings(.orphans).map(\.level) == [.warning])
  }

  @Test("Names a slot whose keys the store has no copy of")
  func noCopy() async throws {
    let store = try place.open()
    var change = StoreChange()
    change.account = place.record(staging: try place.plan(.make()))
    try await store.commit(change, of: place.account)
    try await store.close()
    let found = try findings(.secrets).filter { $0.level > .fine }
    #expect(found.map(\.level) == [.warning])
    #expect(found.first?.message.contains("kvno 8") == true)
  }

  @Test("An open rotation without its password is critical")
  func openRotation() async throws {
    let store = try place.open()
    let plan = try place.plan(.make())
    var change = StoreChange()
    change.account = place.record(staging: plan)
    change.account?.rotation = RotationMachine(plan: plan)
    try await store.commit(change, of: place.account)
    try await store.close()
    #expect(try findings(.secrets).filter { $0.level == .critical }.first?.message.contains("has no sealed password") == true)
  }

  @Test("Names older copies beside the store")
  func copies() async throws {
    try await place.fill()
    try Data().write(to: URL(filePath: place.directory + "/rotator.db.v1-20260101T000000Z"))
    #expect(try findings(.copies).first?.message.contains("rotator.db.v1-20260101T000000Z") == true)
  }

  @Test("A directory that is not there is said so")
  func nothing() throws {
    let fault = #expect(throws: OperatorFault.self) { try place.examination().run() }
    #expect(fault?.kind == .noInput)
  }
}
