import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("Projecting slots into a keytab")
struct KeytabProjectionTests {
  let node: NodeSlots

  init() throws {
    let slots = [
      Samples.slot(4, .next), Samples.slot(3, .latest, committed: Epoch(era: 1, number: 4)),
      Samples.slot(2, .previous, committed: Epoch(era: 1, number: 3)),
    ]
    node = try NodeSlots.empty.after(Samples.order(rotation: .make(), slots: slots))
  }

  private func project(_ nodes: [NodeSlots], only names: [ServicePrincipalName]? = nil) throws -> [KeytabEntry] {
    try KeytabProjection.entries(
      of: nodes.map { .init(slots: $0, servicePrincipalNames: names) }, carrying: [], path: "/etc/http.keytab")
  }

  @Test("Every SPN is written in both spellings for every slot and encryption type")
  func everySlot() throws {
    let entries = try project([node])
    for spelling in ["http/mail.lab.example", "HTTP/mail.lab.example"] {
      let own = entries.filter { $0.principal == spelling }
      #expect(own.map(\.version.number) == [4, 4, 3, 3, 2, 2])
      #expect(own.map(\.key.encryptionType) == [18, 17, 18, 17, 18, 17])
      #expect(own.allSatisfy { $0.realm == Samples.realm && $0.timestamp == Samples.start })
    }
  }

  @Test("The account's own principal is written for the proven Latest slot and older ones, not for a staged one")
  func ownPrincipal() throws {
    let own = try project([node]).filter { $0.principal == "EXCH2016ASA$" }
    #expect(own.map(\.version.number) == [3, 3, 2, 2])
  }

  @Test("A key that retires under a higher kvno than Latest's is not written for the account's own principal")
  func ownPrincipalOfStranger() throws {
    var node = node
    node.slots.append(AdoptionSamples.slot(9))
    let own = try project([node]).filter { $0.principal == "EXCH2016ASA$" }
    #expect(own.map(\.version.number) == [3, 3, 2, 2])
  }

  @Test("Without a proven Latest slot the account's own principal is not written")
  func noOwnPrincipal() throws {
    let staged = try NodeSlots.empty.after(Samples.order(rotation: .make(), slots: [Samples.slot(4, .next)]))
    #expect(try project([staged]).allSatisfy { $0.principal != "EXCH2016ASA$" })
  }

  @Test("A keytab with a subset of SPNs holds no others")
  func subset() throws {
    let imap = try ServicePrincipalName("imap/mail.lab.example")
    let names = Set(try project([node], only: [imap]).map(\.principal))
    #expect(names == ["imap/mail.lab.example", "EXCH2016ASA$"])
  }

  private func other(_ keys: AccountKeys, version: UInt32) throws -> NodeSlots {
    var other = NodeSlots(
      account: try AccountName("LAB\\svc-web"), realm: Samples.realm, servicePrincipalNames: [try Samples.mail])
    other.slots = [AdoptionSamples.slot(version, keys: keys)]
    return other
  }

  @Test("Two accounts are projected into one file together")
  func together() throws {
    let entries = try project([node, try other(Samples.keys(), version: 9)])
    #expect(Set(entries.map(\.version.number)) == [4, 3, 2, 9])
  }

  @Test("Two keys under one principal, kvno and encryption type are an error that names all three")
  func twoKeys() throws {
    let clash = try other(Samples.keys(), version: 3)
    let fault = #expect(throws: OperatorFault.self) { try project([node, clash]) }
    #expect(fault?.subject == "keytab /etc/http.keytab")
    #expect(fault?.problem.contains("http/mail.lab.example@LAB.EXAMPLE under kvno 3 and encryption type 18") == true)
  }

  @Test("The same key twice is written once")
  func sameKey() throws {
    let same = try other(node.slots[1].keys, version: 3)
    #expect(try project([node, same]).count == project([node]).count)
  }

  @Test("Entries of an account that no order has come for are carried over")
  func carried() throws {
    let foreign = Samples.entry("EXCH2020ASA$", 7, Samples.keys().keys[0])
    let entries = try KeytabProjection.entries(
      of: [.init(slots: node, servicePrincipalNames: nil)], carrying: [foreign], path: "/etc/http.keytab")
    #expect(entries.last == foreign)
  }
}
