import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("What a node holds")
struct NodeSlotsTests {
  let first = RotationID.make()
  let second = RotationID.make()
  let end = Samples.start.addingTimeInterval(36_300)

  @Test("A slot that an order does not name becomes Retiring and ends after ten hours and five minutes")
  func unnamedRetires() throws {
    let old = Samples.slot(3, .latest, rotation: first, committed: Epoch(era: 1, number: 4))
    let new = Samples.slot(4, .latest, rotation: second, committed: Epoch(era: 1, number: 5))
    let node = try NodeSlots.empty.after(Samples.order(1, rotation: second, slots: [old]))
      .after(Samples.order(2, rotation: second, slots: [new]))
    #expect(node.slots.map(\.position) == [.latest, .retiring])
    #expect(node.slots.map(\.retireAfter) == [nil, end])
    #expect(node.slots[1].keys == old.keys)
  }

  @Test("An end that is already set is not put off")
  func endStays() throws {
    let soon = Samples.start.addingTimeInterval(60)
    let old = Samples.slot(3, .latest, rotation: first).becoming(.previous, retireAfter: soon)
    let node = try NodeSlots.empty.after(Samples.order(1, rotation: second, slots: [old]))
      .after(Samples.order(2, rotation: second, slots: [Samples.slot(4, .next)]))
    #expect(node.slots.last?.retireAfter == soon)
  }

  @Test("A dropped slot is gone")
  func dropped() throws {
    let staged = Samples.slot(4, .next, rotation: second)
    let kept = Samples.slot(3, .latest, rotation: first, committed: Epoch(era: 1, number: 4))
    let node = try NodeSlots.empty.after(Samples.order(1, rotation: second, slots: [staged, kept]))
      .after(Samples.order(2, rotation: second, slots: [kept.kept], drop: [second]))
    #expect(node.slots.map(\.rotation) == [first])
  }

  @Test("A slot keeps its keys under a new kvno when it is renumbered")
  func renumbered() throws {
    let staged = Samples.slot(4, .next, rotation: second)
    let node = try NodeSlots.empty.after(Samples.order(1, rotation: second, slots: [staged]))
      .after(
        Samples.order(
          2, rotation: second, slots: [staged.kept.becoming(.latest, version: 6, committed: Epoch(era: 1, number: 5))]))
    #expect(node.slots.map(\.version) == [KeyVersion(6)])
    #expect(node.slots.map(\.keys) == [staged.keys])
  }

  @Test("A committed slot counts as proven, a staged one does not")
  func committedIsProven() throws {
    let slots = [Samples.slot(4, .next), Samples.slot(3, .latest, committed: Epoch(era: 1, number: 4))]
    let node = try NodeSlots.empty.after(Samples.order(rotation: second, slots: slots))
    #expect(node.slots.map(\.isProven) == [false, true])
  }

  @Test("A key that was adopted and is ordered under its rotation's name is one slot, and stays proven")
  func adoptedIsRecognised() throws {
    var node = try NodeSlots.empty
    let keys = Samples.keys()
    node.slots = [AdoptionSamples.slot(5, keys: keys)]
    node.ticketOpened(under: KeyVersion(5), now: Samples.start)
    let after = try node.after(Samples.order(rotation: second, slots: [Samples.slot(5, .latest, rotation: first, keys: keys)]))
    #expect(after.slots.map(\.rotation) == [first])
    #expect(after.slots.map(\.isProven) == [true])
  }

  @Test("A ticket under an adopted key makes it Latest and gives the others an end")
  func adoptedProof() throws {
    var node = try NodeSlots.empty
    node.slots = [AdoptionSamples.slot(5), AdoptionSamples.slot(4), AdoptionSamples.slot(3)]
    #expect(node.ticketOpened(under: KeyVersion(4), now: Samples.start) == .adopted(KeyVersion(4)))
    #expect(node.slots.map(\.position) == [.retiring, .latest, .retiring])
    #expect(node.slots.map(\.retireAfter) == [end, nil, end])
    #expect(node.slots.map(\.isProven) == [false, true, false])
  }

  @Test("An old ticket does not take the Latest place from a newer adopted key")
  func oldTicket() throws {
    var node = try NodeSlots.empty
    node.slots = [AdoptionSamples.slot(5), AdoptionSamples.slot(4)]
    node.ticketOpened(under: KeyVersion(5), now: Samples.start)
    node.ticketOpened(under: KeyVersion(4), now: Samples.start)
    #expect(node.latest?.version == KeyVersion(5))
    #expect(node.slots.map(\.isProven) == [true, true])
  }

  @Test("A ticket proves a staged slot without moving it: positions are the rotator's")
  func stagedProof() throws {
    var node = try NodeSlots.empty.after(
      Samples.order(
        rotation: second, slots: [Samples.slot(4, .next), Samples.slot(3, .latest, committed: Epoch(era: 1, number: 4))]))
    node.ticketOpened(under: KeyVersion(4), now: Samples.start)
    #expect(node.slots.map(\.position) == [.next, .latest])
    #expect(node.slots.map(\.isProven) == [true, true])
  }

  @Test("SPNs that the rotator names no more are remembered as the account's")
  func formerNames() throws {
    var order = try Samples.order(rotation: second, slots: [Samples.slot(4, .next)])
    order.servicePrincipalNames = [try ServicePrincipalName("http/other.lab.example")]
    let node = try NodeSlots.empty.after(order)
    #expect(node.formerServicePrincipalNames == [try Samples.mail])
  }
}
