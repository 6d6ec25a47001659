import CredentialStore
import Foundation
import RotationCore
import Testing

@Suite("Opening the store")
struct StoreOpeningTests {
  let place: StorePlace

  init() throws { place = try StorePlace() }

  @Test("The directory and every file in it are for the owner alone")
  func permissions() async throws {
    let store = try place.open()
    try await store.commit(.sealing(.sample(), of: .make()), of: place.account)
    #expect(try place.mode(of: place.directory) == 0o700)
    let files = try FileManager.default.contentsOfDirectory(atPath: place.directory)
    #expect(Set(files) == ["lock", "rotator.db", "rotator.db-wal", "rotator.db-shm"])
    for file in files { #expect(try place.mode(of: place.directory + "/" + file) == 0o600, "\(file)") }
  }

  @Test("A directory or database that others can look into is refused by name", arguments: [0o750, 0o705, 0o770])
  func accessible(mode: Int) async throws {
    try await place.open().close()
    try place.setMode(mode, of: place.directory)
    let fault = try #require(place.refusal())
    #expect(fault.kind == .configuration)
    #expect(fault.subject.contains(place.directory))
    try place.setMode(0o700, of: place.directory)
    try place.setMode(mode & 0o666, of: place.databasePath)
    #expect(place.refusal()?.subject == "store file \(place.databasePath)")
  }

  @Test("A directory of another user is refused", .enabled(if: geteuid() == 0))
  func otherOwner() async throws {
    try await place.open().close()
    try #require(chown(place.directory, 1, 1) == 0)
    #expect(place.refusal()?.kind == .permission)
  }

  @Test("A directory that cannot be made, and a file in its place, are refused")
  func noDirectory() throws {
    let missing = #expect(throws: OperatorFault.self) {
      try SQLiteRotationStore(directory: place.directory + "/a/b", keyFile: place.keyFile)
    }
    #expect(missing?.kind == .cannotCreate)
    let file = #expect(throws: OperatorFault.self) {
      try SQLiteRotationStore(directory: place.keyFile, keyFile: place.keyFile)
    }
    #expect(file?.problem == "is something else")
  }

  @Test("A second opener is refused with the holder's process id, and may open once the first has closed")
  func secondOpener() async throws {
    let store = try place.open()
    let fault = try #require(place.refusal())
    #expect(fault.kind == .temporary)
    #expect(fault.subject == "store directory \(place.directory)")
    #expect(fault.problem == "is in use by process \(getpid())")
    try await store.close()
    #expect(place.refusal() == nil)
  }

  @Test("Another key file is refused and changes nothing")
  func wrongKey() async throws {
    let store = try place.open()
    let (rotation, right) = (RotationID.make(), try Data(contentsOf: URL(filePath: place.keyFile)))
    try await store.commit(.sealing(.sample(), of: rotation), of: place.account)
    try await store.close()
    let before = try Data(contentsOf: URL(filePath: place.databasePath))

    try place.writeKey()
    let fault = try #require(place.refusal())
    #expect(fault.kind == .configuration)
    #expect(fault.subject == "store key \(place.keyFile)")
    #expect(try Data(contentsOf: URL(filePath: place.databasePath)) == before)
    try right.write(to: URL(filePath: place.keyFile))
    #expect(try await place.open().secrets(of: rotation, account: place.account) != nil)
  }

  @Test("A key file of another length is refused with the way to make one", arguments: [0, 16, 31, 33, 64])
  func keyLength(count: Int) throws {
    try place.writeKey(count: count)
    let fault = try #require(place.refusal())
    #expect(fault.kind == .configuration)
    #expect(fault.problem == "has \(count) bytes instead of 32")
    #expect(fault.remedy.contains("head -c 32 /dev/urandom"))
  }

  @Test("A key file that others can read is refused", arguments: [0o640, 0o604, 0o660, 0o644])
  func keyMode(mode: Int) throws {
    try place.writeKey(mode: mode)
    #expect(place.refusal()?.problem == "is accessible to others")
    #expect(!FileManager.default.fileExists(atPath: place.directory))
  }

  @Test("A missing key file and a directory in its place are refused")
  func noKey() throws {
    try FileManager.default.removeItem(atPath: place.keyFile)
    #expect(place.refusal()?.kind == .configuration)
    try FileManager.default.createDirectory(atPath: place.keyFile, withIntermediateDirectories: false)
    #expect(place.refusal()?.problem == "is not a regular file")
  }

  @Test("A store of a newer version is refused and left alone")
  func newerVersion() async throws {
    try await place.open().close()
    try place.tamper("PRAGMA user_version = 99")
    let before = try Data(contentsOf: URL(filePath: place.databasePath))
    let fault = try #require(place.refusal())
    #expect(fault.kind == .data)
    #expect(fault.problem.hasPrefix("was written by a newer version"))
    #expect(fault.remedy.hasPrefix("install that version"))
    #expect(try Data(contentsOf: URL(filePath: place.databasePath)) == before)
  }

  @Test("A damaged database is refused by name")
  func damaged() async throws {
    try await place.open().close()
    var bytes = try Data(contentsOf: URL(filePath: place.databasePath))
    bytes.replaceSubrange(4096..<8192, with: Data(repeating: 0xa5, count: 4096))
    try bytes.write(to: URL(filePath: place.databasePath))
    let page = try #require(place.refusal())
    #expect(page.kind == .data)
    #expect(page.subject == "store \(place.databasePath)")

    try Data("this is no database, it only stands where one should be".utf8).write(to: URL(filePath: place.databasePath))
    #expect(place.refusal()?.kind == .data)
  }

  @Test("Somebody else's database is refused")
  func foreignDatabase() async throws {
    try await place.open().close()
    try FileManager.default.removeItem(atPath: place.databasePath)
    try place.tamper("CREATE TABLE diary (day TEXT)")
    try place.setMode(0o600, of: place.databasePath)
    #expect(place.refusal()?.problem == "is not a store of this program")
  }

  @Test("A store that lost its identity is refused rather than given a new one")
  func lostIdentity() async throws {
    try await place.open().close()
    try place.tamper("DELETE FROM store")
    #expect(place.refusal()?.kind == .data)
  }
}
