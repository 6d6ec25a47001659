import ActiveDirectory
import Foundation
import RotationCore
import Testing

@Suite("A domain controller whose clock is not ours")
struct ClockDifferenceTests {
  private func fault(_ offset: TimeInterval) -> OperatorFault? {
    ClockDifference(host: "dc1.lab.example", offset: offset).fault
  }

  @Test("A difference that Kerberos puts up with explains nothing", arguments: [-300, -1, 0, 300])
  func tolerated(offset: TimeInterval) {
    #expect(fault(offset) == nil)
  }

  @Test("A greater one is told with its size and direction, as what passes once the clock is set")
  func told() {
    #expect(fault(-86_400)?.problem.contains("86400 s behind of ours") == true)
    #expect(fault(301)?.problem.contains("301 s ahead of ours") == true)
    #expect(fault(301)?.kind == .temporary)
  }
}
