import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("The sentence for systemctl status")
struct AgentConditionTests {
  private static let rotator = "rotator.lab.example"

  private let lost = LinkEnd.lost(OperatorFault(.unavailable, "rotator r", "refused the connection", remedy: "start it"))

  private func condition(_ link: (inout AgentCondition) -> Void = { _ in }) throws -> AgentCondition {
    var condition = AgentCondition(rotators: [Self.rotator])
    condition.holdings = Holdings(keys: [.init(account: try Samples.account, version: KeyVersion(9))])
    link(&condition)
    return condition
  }

  @Test("Before the first try it says whom it dials")
  func unknown() throws {
    #expect(try condition().sentence == "holds kvno 9 of LAB\\EXCH2016ASA$, dialling rotator rotator.lab.example")
  }

  @Test("An attached agent says to whom and since when")
  func attached() throws {
    #expect(
      try condition { $0.attached(to: Self.rotator, at: Samples.start) }.sentence
        == "holds kvno 9 of LAB\\EXCH2016ASA$, attached to rotator.lab.example since 2026-09-21T14:13:20Z")
  }

  @Test("Tries that fail alike count from the first")
  func since() throws {
    let condition = try condition {
      $0.linkEnded(lost, to: Self.rotator, at: Samples.start, nextTry: Samples.start + 1)
      $0.linkEnded(lost, to: Self.rotator, at: Samples.start + 60, nextTry: Samples.start + 70)
    }
    #expect(
      condition.sentence
        == "no rotator answers since 2026-09-21T14:13:20Z (rotator r: refused the connection), "
        + "next try 2026-09-21T14:14:30Z, holds kvno 9 of LAB\\EXCH2016ASA$")
  }

  @Test("While the rotator is dialled again there is no time of the next try")
  func dialling() throws {
    let condition = try condition {
      $0.linkEnded(lost, to: Self.rotator, at: Samples.start, nextTry: Samples.start + 1)
      $0.dialling(Self.rotator)
    }
    #expect(condition.sentence.contains("(rotator r: refused the connection), trying again, holds"))
  }

  @Test("A refusal counts from its own beginning")
  func refused() throws {
    let condition = try condition {
      $0.linkEnded(lost, to: Self.rotator, at: Samples.start, nextTry: Samples.start + 1)
      $0.linkEnded(
        .refused(OperatorFault(.permission, "rotator r", "refused this agent: revoked")), to: Self.rotator,
        at: Samples.start + 60,
        nextTry: Samples.start + 70)
    }
    #expect(
      condition.sentence.hasPrefix("refused by the rotator since 2026-09-21T14:14:20Z (rotator r: refused this agent: revoked)")
    )
  }

  @Test("A certificate that cannot be used is not called a silent rotator")
  func ownFault() throws {
    let expired = LinkEnd.lost(OperatorFault(.configuration, "certificate /c.pem", "expired on 2026-01-01"))
    let condition = try condition { $0.linkEnded(expired, to: Self.rotator, at: Samples.start, nextTry: Samples.start + 1) }
    #expect(condition.sentence.hasPrefix("not attached since 2026-09-21T14:13:20Z (certificate /c.pem: expired on"))
  }

  @Test("A keytab that is not in order is said, whatever the link")
  func faults() throws {
    var condition = try condition { $0.attached(to: Self.rotator, at: Samples.start) }
    condition.holdings.faults = [OperatorFault(.configuration, "keytab /etc/http.keytab", "holds others' principals")]
    #expect(condition.sentence.hasSuffix("; keytab /etc/http.keytab: holds others' principals"))
  }

  @Test("Of several rotators those that are not reached are named, after those that are")
  func several() throws {
    var condition = AgentCondition(rotators: ["a", "b", "c"])
    condition.attached(to: "b", at: Samples.start)
    condition.linkEnded(lost, to: "c", at: Samples.start, nextTry: Samples.start + 1)
    #expect(
      condition.sentence
        == "holds no key yet, attached to b since 2026-09-21T14:13:20Z, dialling a, "
        + "no answer from c since 2026-09-21T14:13:20Z (refused the connection), next try 2026-09-21T14:13:21Z")
  }

  @Test("Holdings without a proven key, without any, and of many accounts", arguments: [0, 1, 7])
  func holdings(count: Int) throws {
    var condition = AgentCondition(rotators: ["r"])
    condition.holdings = Holdings(
      keys: try (0..<count).map { .init(account: try AccountName("LAB\\A\($0)"), version: nil) })
    let expected = [
      0: "holds no key yet, dialling rotator r", 1: "holds no proven key of LAB\\A0, dialling rotator r",
      7: "holds no proven key of LAB\\A0, no proven key of LAB\\A1, no proven key of LAB\\A2, no proven key of LAB\\A3 "
        + "and keys of 3 more accounts, dialling rotator r",
    ]
    #expect(condition.sentence == expected[count])
  }
}

@Suite("What an agent tells its watchdog")
struct AgentStatusTests {
  @Test("Each part has one step, the newest")
  func steps() {
    let pulses = PulseRecord()
    let status = AgentStatus(rotators: ["r"], sink: pulses, clock: { 5 })
    status.begins("a", of: .keeper, within: .seconds(10))
    status.begins("b", of: .link("r"), within: .seconds(20))
    status.begins("c", of: .keeper, within: .seconds(30))
    let steps = pulses.all.last?.steps.sorted { $0.phase < $1.phase }
    #expect(
      steps == [
        DueStep(account: nil, phase: "b", since: 5, deadline: 25), DueStep(account: nil, phase: "c", since: 5, deadline: 35),
      ])
  }

  @Test("A stopping agent says no more")
  func end() {
    let pulses = PulseRecord()
    let status = AgentStatus(rotators: ["r"], sink: pulses, clock: { 5 })
    status.end()
    status.attached(to: "r", at: Samples.start)
    #expect(pulses.all.isEmpty)
  }
}
