import Foundation
import RotationCore
import Systemd
import Testing

@Suite("Outcome records in the journal")
struct JournalEntryTests {
  private func record(_ kind: RecordKind) throws -> OutcomeRecord {
    OutcomeRecord(
      kind: kind, time: Date(timeIntervalSince1970: 1_700_000_000), account: try AccountName("LAB\\ASA$"),
      rotation: RotationID("r-1"), phase: "proven",
      nodes: [try NodeName("cas-1.lab.example"), try NodeName("cas-2.lab.example")],
      version: KeyVersion(7), domainController: "dc1.lab.example", controllers: ["dc2.lab.example"],
      message: "the account rotated",
      passwordChanged: true)
  }

  @Test("A terminal record carries every field, and one field per node")
  func terminalRecord() throws {
    let entry = JournalEntry(try record(.rotationDegraded), identifier: "asa-rotatord")
    let lines = entry.fields.map { String(decoding: $0.encoded, as: UTF8.self) }
    #expect(
      lines == [
        "MESSAGE=the account rotated", "MESSAGE_ID=\(MessageID.of(.rotationDegraded))", "PRIORITY=4",
        "SYSLOG_IDENTIFIER=asa-rotatord", "ASA_ACCOUNT=LAB\\ASA$", "ASA_ROTATION=r-1", "ASA_PHASE=proven",
        "ASA_OUTCOME=degraded", "ASA_ALARM=degraded", "ASA_KVNO=7", "ASA_DC=dc1.lab.example", "ASA_EVENT_ID=14003",
        "ASA_PASSWORD_CHANGED=yes",
        "ASA_NODE=cas-1.lab.example", "ASA_NODE=cas-2.lab.example",
        "ASA_DC_BEHIND=dc2.lab.example",
      ])
  }

  @Test("A record that raises an alarm carries its kind, and one about an alarm carries that one's")
  func alarms() throws {
    for kind in RecordKind.allCases {
      var record = try record(kind)
      let carried = JournalEntry(record, identifier: "x").fields.first { $0.name == .alarm }?.value
      #expect(carried == kind.alarm?.rawValue)
      guard kind.alarm == nil else { continue }
      record.alarm = .overdue
      #expect(JournalEntry(record, identifier: "x").fields.contains(JournalField(.alarm, "overdue")))
    }
  }

  @Test("A record without details carries only what it knows")
  func sparseRecord() throws {
    let record = OutcomeRecord(kind: .keyRetired, time: .now, account: try AccountName("LAB\\ASA$"), message: "behind")
    let names = JournalEntry(record, identifier: "x").fields.map(\.name.description)
    #expect(names == ["MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "ASA_ACCOUNT"])
  }

  @Test("Started and terminal records carry the event numbers of the Windows tool")
  func eventNumbers() throws {
    let numbers = try RecordKind.allCases.compactMap { kind in
      JournalEntry(try record(kind), identifier: "x").fields.first { $0.name == .eventID }?.value
    }
    #expect(numbers == ["14001", "14002", "14003", "14004"])
  }

  @Test("Message ids are 128 bits in lower-case hexadecimal, one per kind")
  func messageIDs() throws {
    let ids = RecordKind.allCases.map(MessageID.of)
    #expect(Set(ids).count == RecordKind.allCases.count)
    for id in ids { #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
  }

  @Test("Without a journal the record is one line with the same fields")
  func plainLine() throws {
    var record = try record(.rotationFailed)
    record.message = "two\nlines"
    let text = JournalEntry(record, identifier: "asa-rotatord").line.text
    #expect(
      text.hasPrefix("2023-11-14T22:13:20.000Z error asa-rotatord: two\\nlines event=rotationFailed ASA_ACCOUNT=LAB\\ASA$"))
    #expect(!text.contains("\n"))
  }
}
