import CredentialStore
import Foundation
import Glibc
import RotationCore
import Testing

/// What can happen to a store's files.
enum Damage: String, CaseIterable, Sendable {
  case truncatedToHalf, truncatedWithinTheHeader, flippedBitInThePageHeader, flippedBitInARecord, flippedBitInAName
  case flippedBitInASealedSecret, recordOfAnotherRow, secretDeleted, newerVersion, deleted, otherKey, othersMayRead

  /// How the store is refused.
  var kind: OperatorFault.Kind {
    switch self {
    case .deleted: .noInput
    case .otherKey, .othersMayRead: .configuration
    default: .data
    }
  }

  /// What a check says it in.
  var subject: StoreFinding.Subject {
    switch self {
    case .truncatedToHalf, .truncatedWithinTheHeader, .newerVersion: .version
    case .flippedBitInThePageHeader: .integrity
    case .flippedBitInARecord, .flippedBitInAName, .recordOfAnotherRow: .records
    case .flippedBitInASealedSecret, .secretDeleted: .secrets
    case .deleted, .othersMayRead: .files
    case .otherKey: .key
    }
  }

  func happen(to place: StorePlace) throws {
    switch self {
    case .truncatedToHalf: try place.edit { $0 = $0.prefix($0.count / 2) }
    case .truncatedWithinTheHeader: try place.edit { $0 = $0.prefix(60) }
    case .flippedBitInThePageHeader: try place.edit { $0[4096 + 3] ^= 0x40 }
    case .flippedBitInARecord: try place.flip(in: Data("\"firstSeen\":8000000".utf8), at: 14)
    case .flippedBitInAName: try place.flip(in: Data("\"openAttempt\"".utf8), at: 5)
    case .flippedBitInASealedSecret: try place.flip(in: try place.sealedPassword(), at: 40)
    case .recordOfAnotherRow:
      try place.tamper("UPDATE account SET (record, tag) = (SELECT record, tag FROM account LIMIT 1 OFFSET 1)")
    case .secretDeleted: try place.tamper("DELETE FROM secret WHERE purpose = 'password'")
    case .newerVersion: try place.tamper("PRAGMA user_version = 99")
    case .deleted: try FileManager.default.removeItem(atPath: place.databasePath)
    case .otherKey: try place.writeKey()
    case .othersMayRead: try place.setMode(0o644, of: place.databasePath)
    }
  }
}

@Suite("A damaged store")
struct StoreDamageTests {
  let place: StorePlace

  init() async throws {
    place = try StorePlace()
    try await place.fill()
  }

  @Test(
    "Is refused by name with a way out, before anything is done with it", arguments: Damage.allCases.filter { $0 != .deleted })
  func refused(_ damage: Damage) async throws {
    try damage.happen(to: place)
    let fault = await place.refusalToWork()
    #expect(fault?.kind == damage.kind)
    #expect(fault?.remedy.isEmpty == false)
  }

  @Test("Is named by a check, with what follows and what to do, and the check changes nothing", arguments: Damage.allCases)
  func found(_ damage: Damage) throws {
    try damage.happen(to: place)
    let before = try? Data(contentsOf: URL(filePath: place.databasePath))
    let report = try place.examination().run()
    let findings = report.findings.filter { $0.level == .critical }
    #expect(findings.map(\.subject) == [damage.subject])
    #expect(report.fault?.kind == damage.kind)
    #expect(findings.allSatisfy { $0.consequence != nil && $0.remedy != nil })
    #expect((try? Data(contentsOf: URL(filePath: place.databasePath))) == before)
  }

  @Test(
    "On a read-only file system it is refused with the way out, and a check reads it all the same", .enabled(if: geteuid() == 0)
  )
  func readOnly() async {
    // A process of its own: its view of the file systems becomes another one.
    await #expect(processExitsWith: .success) {
      let place = try StorePlace()
      try await place.fill()
      // Declared with GNU extensions only, which the module does not have.
      let symbol = try #require(dlsym(nil, "unshare"))
      let unshare = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
      let newMountNamespace: Int32 = 0x0002_0000
      try #require(unshare(newMountNamespace) == 0)
      // linux/mount.h.
      let (bind, readOnlyRemount, recursivePrivate): (UInt, UInt, UInt) = (0x1000, 0x21, 0x4_4000)
      try #require(mount("none", "/", nil, recursivePrivate, nil) == 0)
      try #require(mount(place.directory, place.directory, nil, bind, nil) == 0)
      try #require(mount("none", place.directory, nil, bind | readOnlyRemount, nil) == 0)
      let refused = place.refusal()
      #expect(refused?.kind == .cannotCreate && refused?.remedy.hasPrefix("mount its file system") == true)
      let report = try place.examination().run()
      #expect(report.findings.filter { $0.level == .critical }.map(\.subject) == [.space])
      #expect(report.findings.contains { $0.subject == .secrets } && report.circumstance == .unknown)
    }
  }

  @Test("A deleted store begins anew under another identity, which knows no account", arguments: [true, false])
  func deleted(whole: Bool) async throws {
    let before = try await place.identity()
    if whole {
      try FileManager.default.removeItem(atPath: place.directory)
    } else {
      try place.edit { $0 = Data() }
    }
    let store = try place.open()
    #expect(try await store.accounts() == [])
    #expect(try await store.identity().rotator != before)
  }
}
