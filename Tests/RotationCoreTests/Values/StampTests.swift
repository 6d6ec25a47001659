import RotationCore
import Testing

@Suite("Stamp")
struct StampTests {
  @Test("The text form is read back as the same stamp", arguments: [Stamp.State.claimed, .done, .aborted])
  func roundTrip(state: Stamp.State) throws {
    let stamp = try #require(Script.stamp(3, "rotation-1", state))
    #expect(stamp.description == "asa1;1.3;rotation-1;\(state.rawValue);rotator-1")
    #expect(Stamp(stamp.description) == stamp)
  }

  @Test(
    "Anything else is not a stamp",
    arguments: [
      "", "asa1", "asa2;1.3;r;done;x", "asa1;1.3;r;done", "asa1;1.3;r;done;x;", "asa1;1;r;done;x", "asa1;1.2.3;r;done;x",
      "asa1;-1.3;r;done;x", "asa1;+1.3;r;done;x", "asa1;01.3;r;done;x", "asa1;1.03;r;done;x", "asa1;1.3;R;done;x",
      "asa1;1.3;r;Done;x", "asa1;1.3;;done;x", "asa1;1.3;r;done;x\n", " asa1;1.3;r;done;x", "asa1;1.3;r;done;a b",
      "asa1;4294967296.1;r;done;x", "asa1;1.18446744073709551616;r;done;x",
    ])
  func malformed(text: String) {
    #expect(Stamp(text) == nil)
  }

  @Test("Epochs order by era, then by number")
  func epochOrder() {
    let epochs = [
      Epoch.zero, Epoch(era: 0, number: 9), Epoch(era: 1, number: 1), Epoch(era: 1, number: 2), Epoch(era: 2, number: 0),
    ]
    #expect(epochs.shuffled().sorted() == epochs)
    #expect(Epoch(era: 3, number: 4).next == Epoch(era: 3, number: 5))
  }
}
