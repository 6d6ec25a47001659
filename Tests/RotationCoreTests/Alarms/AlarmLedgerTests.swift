import Foundation
import RotationCore
import Testing

@Suite("Alarms: who is told, when, and until when")
struct AlarmLedgerTests {
  let start = Fixture.start
  let node = Script.nodes[0]
  let fault = OperatorFault(.system, "asa-outcome@failed.service", "failed")

  private func record(
    _ kind: RecordKind, after seconds: TimeInterval = 0, nodes: [NodeName] = [], controller: String? = nil,
    account: AccountName? = Fixture.account
  ) -> OutcomeRecord {
    OutcomeRecord(
      kind: kind, time: start + seconds, account: account, nodes: nodes, domainController: controller,
      message: "\(kind.rawValue) after \(seconds) s", passwordChanged: kind == .rotationDegraded ? true : nil)
  }

  private func ledger(after records: OutcomeRecord...) -> AlarmLedger {
    var ledger = AlarmLedger()
    for record in records { ledger.took(record) }
    return ledger
  }

  @Test("Every kind that fails somebody raises an alarm at once", arguments: RecordKind.allCases.filter { $0.alarm != nil })
  func raised(kind: RecordKind) throws {
    let ledger = ledger(after: record(kind, nodes: [node], controller: "dc1"))
    let notice = try #require(ledger.dueNotice(at: start))
    #expect(notice.outcome == kind.alarm)
    #expect(notice.count == 1)
  }

  @Test("Good news raises none", arguments: RecordKind.allCases.filter { $0.alarm == nil })
  func notRaised(kind: RecordKind) {
    #expect(ledger(after: record(kind, nodes: [node], controller: "dc1")).alarms.isEmpty)
  }

  @Test("One that was told is told again after an hour, four more hours, then daily")
  func repetition() throws {
    var ledger = ledger(after: record(.rotationOverdue))
    var now = start
    for pause in [3600.0, 14_400, 86_400, 86_400] {
      let notice = try #require(ledger.dueNotice(at: now))
      ledger.noticeEnded(notice, fault: nil, at: now)
      #expect(ledger.dueNotice(at: now + pause - 1) == nil)
      now += pause
    }
    #expect(ledger.dueNotice(at: now)?.count == 5)
  }

  @Test("One that reached nobody is tried again soon, at last every hour")
  func undelivered() throws {
    var ledger = ledger(after: record(.rotationOverdue))
    var now = start
    for pause in [60.0, 300, 900, 3600, 3600] {
      ledger.noticeEnded(try #require(ledger.dueNotice(at: now)), fault: fault, at: now)
      #expect(ledger.dueNotice(at: now + pause - 1) == nil)
      now += pause
    }
    #expect(ledger.alarms.first?.delivery == .failed(fault))
  }

  @Test("A clock that is set back by days does not silence an alarm")
  func clockSetBack() throws {
    var ledger = ledger(after: record(.rotationOverdue))
    ledger.noticeEnded(try #require(ledger.dueNotice(at: start)), fault: nil, at: start)
    #expect(ledger.dueNotice(at: start - 604_800) != nil)
  }

  @Test("An acknowledged one is told no more, and a new record raises it anew")
  func acknowledged() {
    var ledger = ledger(after: record(.rotationFailed))
    #expect(ledger.acknowledge(account: nil, outcomes: [], at: start).count == 1)
    #expect(ledger.dueNotice(at: start + 1e6) == nil)
    #expect(ledger.acknowledge(account: nil, outcomes: [], at: start) == [])
    ledger.took(record(.rotationFailed, after: 900))
    #expect(ledger.dueNotice(at: start + 900) != nil)
  }

  @Test("Acknowledging names an account and outcomes, or neither")
  func acknowledgedPart() throws {
    let other = try AccountName("LAB\\OTHER$")
    var ledger = ledger(after: record(.rotationFailed), record(.rotationFailed, account: other), record(.rotationOverdue))
    #expect(ledger.acknowledge(account: Fixture.account, outcomes: [.failed], at: start).count == 1)
    #expect(ledger.alarms.count { $0.acknowledgedAt == nil } == 2)
    #expect(ledger.acknowledge(account: nil, outcomes: [.stalled], at: start).isEmpty)
  }

  @Test("What has ended before anybody was told is told once and then forgotten")
  func endedUntold() throws {
    var ledger = ledger(after: record(.rotationFailed), record(.rotationSucceeded, after: 1))
    let notice = try #require(ledger.dueNotice(at: start + 2))
    ledger.noticeEnded(notice, fault: nil, at: start + 2)
    #expect(ledger.alarms.isEmpty)
  }

  @Test(
    "What the restart has put an end to stands until somebody has taken notice, or a rotation has succeeded",
    arguments: [.daemonInterrupted, .rotationStalled] as [RecordKind]
  )
  func momentary(kind: RecordKind) throws {
    var ledger = ledger(after: record(kind, account: nil))
    ledger.noticeEnded(try #require(ledger.dueNotice(at: start)), fault: nil, at: start)
    #expect(ledger.alarms.count == 1)
    var acknowledged = ledger
    _ = acknowledged.acknowledge(account: nil, outcomes: [], at: start + 1)
    #expect(acknowledged.alarms.isEmpty)
    ledger.took(record(.rotationSucceeded, after: 1))
    #expect(ledger.alarms.isEmpty)
  }

  @Test("A stall within a rotation stands until that has ended")
  func stalledRotation() throws {
    var stall = record(.rotationStalled)
    stall.rotation = RotationID("r-1")
    var ledger = ledger(after: stall)
    ledger.noticeEnded(try #require(ledger.dueNotice(at: start)), fault: nil, at: start)
    #expect(ledger.alarms.count == 1)
    ledger.took(record(.rotationSucceeded, after: 1))
    #expect(ledger.alarms.isEmpty)
  }

  @Test("What has ended after somebody was told is forgotten")
  func endedTold() throws {
    var ledger = ledger(after: record(.rotationFailed))
    ledger.noticeEnded(try #require(ledger.dueNotice(at: start)), fault: nil, at: start)
    ledger.took(record(.rotationSucceeded, after: 1))
    #expect(ledger.alarms.isEmpty)
  }

  @Test("A notice that is on its way while a newer record comes does not count for it")
  func newerRecord() throws {
    var ledger = ledger(after: record(.rotationFailed))
    let notice = try #require(ledger.dueNotice(at: start))
    ledger.took(record(.rotationFailed, after: 5))
    ledger.noticeEnded(notice, fault: nil, at: start + 6)
    #expect(ledger.dueNotice(at: start + 6)?.record.message == "rotationFailed after 5.0 s")
  }

  @Test("Each node behind is an alarm of its own and ends with that node's recovery")
  func perNode() {
    var ledger = ledger(after: record(.nodeBehind, nodes: [Script.nodes[0]]), record(.nodeBehind, nodes: [Script.nodes[1]]))
    #expect(ledger.alarms.count == 2)
    _ = ledger.acknowledge(account: nil, outcomes: [], at: start)
    ledger.took(record(.nodeRecovered, after: 1, nodes: [Script.nodes[0]]))
    #expect(ledger.alarms.map(\.key.subject) == [Script.nodes[1].description])
  }

  @Test("A degraded rotation is over when its last node has recovered")
  func degraded() {
    var ledger = ledger(after: record(.rotationDegraded, nodes: Array(Script.nodes.prefix(2))))
    _ = ledger.acknowledge(account: nil, outcomes: [], at: start)
    ledger.took(record(.nodeRecovered, after: 1, nodes: [Script.nodes[0]]))
    #expect(ledger.alarms.count == 1)
    ledger.took(record(.nodeRecovered, after: 2, nodes: [Script.nodes[1]]))
    #expect(ledger.alarms.isEmpty)
  }

  @Test("A failure ends no alarm that a failure does not end; another account's success ends none")
  func unrelated() throws {
    var ledger = ledger(after: record(.rotationOverdue), record(.rotationFailed, after: 1))
    ledger.took(record(.rotationSucceeded, after: 2, account: try AccountName("LAB\\OTHER$")))
    #expect(ledger.alarms.allSatisfy { $0.endedAt == nil })
    #expect(ledger.alarms.count == 2)
  }

  @Test("It survives a restart of the daemon as it was")
  func coding() throws {
    var ledger = ledger(after: record(.rotationFailed), record(.nodeBehind, nodes: [node]))
    ledger.noticeEnded(try #require(ledger.dueNotice(at: start)), fault: fault, at: start)
    #expect(try JSONDecoder().decode(AlarmLedger.self, from: JSONEncoder().encode(ledger)) == ledger)
  }
}
