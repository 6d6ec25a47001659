import CredentialStore
import Foundation
import GRDB
import RotationCore
import SecretMemory
import Testing

@Suite("Sealed secrets")
struct SealedSecretsTests {
  let place: StorePlace

  init() throws { place = try StorePlace() }

  private func storeWithTwo() async throws -> (SQLiteRotationStore, first: RotationID, second: RotationID) {
    let store = try place.open()
    let (first, second) = (RotationID.make(), RotationID.make())
    try await store.commit(.sealing(.sample(), of: first), of: place.account)
    try await store.commit(.sealing(.sample(), of: second), of: place.account)
    return (store, first, second)
  }

  @Test("No password and no key is in the store's files, in any common spelling")
  func nothingInTheClear() async throws {
    let store = try place.open()
    let (kept, dropped) = (RotationSecrets.sample(), RotationSecrets.sample())
    let gone = RotationID.make()
    try await store.commit(.sealing(kept, of: .make()), of: place.account)
    try await store.commit(.sealing(dropped, of: gone), of: place.account)
    try await store.commit(.destroying(gone), of: place.account)
    let identity = try await store.identity()

    let search = try RawSearch(directory: place.directory)
    for secrets in [kept, dropped] {
      #expect(search.spellings(of: secrets.password).isEmpty)
      for key in secrets.keys.keys { #expect(search.spellings(of: key.bytes).isEmpty) }
    }
    #expect(search.spellings(of: identity.fingerprintSecret).isEmpty)
    // The control: the same search finds what is in the files, in every spelling that it knows.
    #expect(search.spellings(of: SecretBytes(copying: Array(identity.rotator.description.utf8))) == ["raw"])
    for (name, planted) in RawSearch.allSpellings(of: kept.password) {
      try planted.write(to: URL(filePath: place.directory + "/planted"))
      #expect(try RawSearch(directory: place.directory).spellings(of: kept.password).contains(name))
    }
  }

  @Test("After a destruction not even the sealed data key is left in the files")
  func nothingSealedLeft() async throws {
    let (store, first, second) = try await storeWithTwo()
    let sealed = try await DatabaseQueue(path: place.databasePath).read { database in
      try [first, second].map { rotation in
        try Data.fetchOne(
          database, sql: "SELECT sealed_data_key FROM plan WHERE rotation = ?", arguments: [rotation.description])
      }
    }
    let (destroyed, kept) = (try #require(sealed[0]), try #require(sealed[1]))
    #expect(try RawSearch(directory: place.directory).contains(destroyed))
    try await store.commit(.destroying(first), of: place.account)
    #expect(try !RawSearch(directory: place.directory).contains(destroyed))
    #expect(try RawSearch(directory: place.directory).contains(kept))
  }

  static let swaps = [
    "a sealed password":
      "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE rotation = 'FROM' AND purpose = 'password') "
      + "WHERE rotation = 'TO' AND purpose = 'password'",
    "one key under another's type":
      "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE rotation = 'TO' AND purpose = 'key:17') "
      + "WHERE rotation = 'TO' AND purpose = 'key:18'",
    "a data key":
      "UPDATE plan SET sealed_data_key = (SELECT sealed_data_key FROM plan WHERE rotation = 'FROM') WHERE rotation = 'TO'",
    "a data key with its secrets":
      "DELETE FROM plan WHERE rotation = 'TO'; UPDATE plan SET rotation = 'TO' WHERE rotation = 'FROM'; "
      + "UPDATE secret SET rotation = 'TO' WHERE rotation = 'FROM'",
    "nothing, but one secret deleted": "DELETE FROM secret WHERE rotation = 'TO' AND purpose = 'key:17'",
    "nothing, but one secret unlisted": "UPDATE plan SET contents = 'password' WHERE rotation = 'TO'",
  ]

  @Test("A sealed value that was moved to another row does not open", arguments: swaps)
  func swapped(what: String, sql: String) async throws {
    let (store, first, second) = try await storeWithTwo()
    let statement = sql.replacing("FROM'", with: "\(first)'").replacing("'TO'", with: "'\(second)'")
    try place.tamper("PRAGMA defer_foreign_keys = ON; " + statement)
    let fault = await #expect(throws: OperatorFault.self) { try await store.secrets(of: second, account: place.account) }
    #expect(fault?.kind == .data)
    #expect(fault?.subject == "secrets of rotation \(second) of \(place.account)")
  }

  @Test("The secrets of one account do not open as another's")
  func otherAccount() async throws {
    let (store, first, _) = try await storeWithTwo()
    await #expect(throws: OperatorFault.self) { try await store.secrets(of: first, account: try AccountName("LAB\\OTHER$")) }
    #expect(try await store.secrets(of: first, account: try AccountName("lab\\exch2016asa$")) != nil)
  }

  @Test("A fault names the account and the rotation, never a secret or a statement")
  func faultText() async throws {
    let (store, first, _) = try await storeWithTwo()
    try place.tamper("UPDATE secret SET sealed = x'00'")
    let fault = await #expect(throws: OperatorFault.self) { try await store.secrets(of: first, account: place.account) }
    #expect(fault?.subject == "secrets of rotation \(first) of \(place.account)")
    #expect(fault?.problem == "do not open: the store was altered or damaged")
    #expect(fault?.remedy.contains("asactl store restore") == true)
  }
}
