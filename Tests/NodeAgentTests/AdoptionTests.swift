import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("Adopting the keys of existing keytabs")
struct AdoptionTests {
  let keys = Samples.keys()

  private func adopt(_ files: [(path: String, entries: [KeytabEntry])]) throws -> [HeldSlot] {
    try Adoption.slots(from: files, of: Samples.account, under: Samples.secret)
  }

  @Test("Each kvno becomes one unproven slot, newest first")
  func grouped() throws {
    let older = Samples.keys()
    let slots = try adopt([("/a", Samples.entries(2, older)), ("/b", Samples.entries(3, keys) + Samples.entries(2, older))])
    #expect(slots.map(\.rotation) == [.adopted(KeyVersion(3)), .adopted(KeyVersion(2))])
    #expect(slots.map(\.keys.keys) == [keys.keys, older.keys])
    #expect(slots.map(\.fingerprint) == [keys, older].map { KeyFingerprint(of: $0, under: Samples.secret) })
    #expect(slots.allSatisfy { !$0.isProven && $0.committedEpoch == nil })
  }

  @Test("A slot dates from the newest of its entries")
  func newestEntry() throws {
    let later = Samples.start.addingTimeInterval(500)
    let slots = try adopt([("/a", Samples.entries(2, keys)), ("/b", Samples.entries(2, keys, at: later))])
    #expect(slots.map(\.setAt) == [later])
  }

  @Test("Two keys under one kvno and encryption type are a fault that names both entries")
  func conflicting() throws {
    let other = Samples.entry("HTTP/mail.lab.example", 3, Samples.keys().keys[0])
    let fault = #expect(throws: OperatorFault.self) { try adopt([("/a", Samples.entries(3, keys)), ("/b", [other])]) }
    #expect(fault?.problem.contains("http/mail.lab.example in /a and HTTP/mail.lab.example in /b") == true)
    #expect(fault?.kind == .configuration)
  }

  private func entries(ofKvnosTo last: UInt32) -> [KeytabEntry] {
    (1...last).flatMap { Samples.entries($0, Samples.keys()) }
  }

  @Test("28 kvnos become 28 slots, whatever their entries' time stamps: a client may hold a ticket under each")
  func manyKvnos() throws {
    #expect(try adopt([("/a", entries(ofKvnosTo: 28))]).map(\.version.number) == (1...28).reversed())
  }

  @Test("More kvnos than are taken over are a fault that names the file, not a loss")
  func tooMany() throws {
    let fault = #expect(throws: OperatorFault.self) { try adopt([("/a", entries(ofKvnosTo: 129))]) }
    #expect(fault?.subject == "keytab /a" && fault?.problem.contains("129 kvnos") == true)
  }

  @Test("Empty keytabs adopt nothing")
  func nothing() throws {
    #expect(try adopt([("/a", [])]).isEmpty)
  }
}
