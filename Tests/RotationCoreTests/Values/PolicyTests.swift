import Foundation
import RotationCore
import Testing

@Suite("Quorum, backoff and waits")
struct PolicyTests {
  let nodes = Script.nodes

  @Test("All means every node that is not revoked")
  func all() {
    let quorum = Quorum(arrays: ["mail": nodes], requirement: .all, without: [nodes[2]])
    #expect(quorum.members == [nodes[0], nodes[1]])
    #expect(quorum.isMet(by: [nodes[0], nodes[1]]))
    #expect(!quorum.isMet(by: [nodes[0], nodes[2]]))
    #expect(quorum.requiredCount == 2)
  }

  @Test("A number is required of each array, not of their sum")
  func eachArray() {
    let quorum = Quorum(
      arrays: ["a": [nodes[0], nodes[1]], "b": [nodes[1], nodes[2]]], requirement: .atLeast(1), without: [])
    #expect(quorum.members == nodes)
    #expect(!quorum.isMet(by: [nodes[0]]))
    #expect(quorum.isMet(by: [nodes[1]]))
    #expect(quorum.isMet(by: [nodes[0], nodes[2]]))
  }

  @Test("A number larger than an array means the whole array; zero means one", arguments: [(5, 3), (3, 3), (0, 1), (-1, 1)])
  func bounds(number: Int, expected: Int) {
    #expect(Quorum(arrays: ["mail": nodes], requirement: .atLeast(number), without: []).requiredCount == expected)
  }

  @Test("No node at all is never enough", arguments: [RotationPolicy.Requirement.all, .atLeast(1)])
  func none(requirement: RotationPolicy.Requirement) {
    #expect(!Quorum(arrays: ["mail": nodes], requirement: requirement, without: Set(nodes)).isMet(by: Set(nodes)))
    #expect(!Quorum(arrays: [:], requirement: requirement, without: []).isMet(by: []))
  }

  @Test(
    "Retries wait one second, doubling, at most thirty",
    arguments: [(-1, 1), (0, 1), (1, 1), (2, 2), (5, 16), (6, 30), (1_000_000, 30)] as [(Int, TimeInterval)])
  func backoff(attempt: Int, seconds: TimeInterval) {
    #expect(RetryBackoff.nextTry(after: attempt, at: Fixture.start).timeIntervalSince(Fixture.start) == seconds)
  }

  @Test(
    "A wait is over at its end, or when the clock was set back by more than the whole wait",
    arguments: [(0, false), (59, false), (60, true), (-60, false), (-61, true), (-86_400, true)] as [(TimeInterval, Bool)])
  func wait(seconds: TimeInterval, isOver: Bool) {
    let wait = WallClockWait(from: Fixture.start, until: Fixture.start.addingTimeInterval(60))
    #expect(wait.isOver(at: Fixture.start.addingTimeInterval(seconds)) == isOver)
  }
}
