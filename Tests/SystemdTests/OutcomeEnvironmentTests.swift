import ChildProcesses
import Foundation
import RotationCore
import Systemd
import Testing

@Suite("What an outcome unit is told")
struct OutcomeEnvironmentTests {
  private func notice() throws -> AlarmNotice {
    let record = OutcomeRecord(
      kind: .rotationDegraded, time: Date(timeIntervalSince1970: 1_700_000_000), account: try AccountName("LAB\\ASA$"),
      rotation: RotationID("r-1"), phase: "proving",
      nodes: [try NodeName("cas-1.lab.example"), try NodeName("cas-2.lab.example")], version: KeyVersion(7),
      domainController: "dc1.lab.example", controllers: ["dc2.lab.example", "dc3.lab.example"],
      message: "two nodes do not accept it", passwordChanged: true)
    return AlarmNotice(outcome: .degraded, record: record, since: Date(timeIntervalSince1970: 1_699_999_999), count: 2)
  }

  @Test("Every field is there, with the record's values")
  func full() throws {
    #expect(
      OutcomeEnvironment(try notice()).assignments.map { "\($0.name)=\($0.value)" } == [
        "ASA_OUTCOME=degraded", "ASA_EVENT=rotationDegraded", "ASA_ACCOUNT=LAB\\ASA$", "ASA_ROTATION=r-1", "ASA_PHASE=proving",
        "ASA_NODE=cas-1.lab.example cas-2.lab.example", "ASA_KVNO=7", "ASA_DC=dc1.lab.example",
        "ASA_DC_BEHIND=dc2.lab.example dc3.lab.example",
        "ASA_MESSAGE=two nodes do not accept it", "ASA_MESSAGE_ID=\(MessageID.of(.rotationDegraded))",
        "ASA_TIME=2023-11-14T22:13:20Z", "ASA_SINCE=2023-11-14T22:13:19Z", "ASA_NOTICE=2", "ASA_EVENT_ID=14003",
        "ASA_PASSWORD_CHANGED=yes",
      ])
  }

  @Test("A record about the daemon has the same fields, empty where nothing is known")
  func sparse() throws {
    let record = OutcomeRecord(kind: .storeUnwritable, time: .now, account: nil, message: "full")
    let sparse = OutcomeEnvironment(AlarmNotice(outcome: .store, record: record, since: .now, count: 1)).assignments
    #expect(sparse.map(\.name) == (try OutcomeEnvironment(notice()).assignments.map(\.name)))
    #expect(sparse.filter { $0.name == "ASA_ACCOUNT" || $0.name == "ASA_EVENT_ID" }.allSatisfy { $0.value.isEmpty })
  }

  @Test(
    "Quotes, backslashes and expansions are escaped, what would break the line is a space",
    arguments: [
      ("plain", "plain"), ("LAB\\ASA$", "LAB\\\\ASA\\$"),
      ("say \"it\" `id` $(id) ${HOME}", "say \\\"it\\\" \\`id\\` \\$(id) \\${HOME}"),
      ("a\nASA_X=\"1\"", "a ASA_X=\\\"1\\\""), ("a\r\nb\tc\u{0}d\u{2028}e\u{85}f", "a  b c d e f"), ("blåbær 🗝", "blåbær 🗝"),
      ("it's #1; %i !x", "it's #1; %i !x"), ("\\", "\\\\"), ("", ""),
    ])
  func quoting(value: String, written: String) {
    #expect(EnvironmentText([(name: "A", value: value)]).text == "A=\"\(written)\"\n")
  }

  @Test("A shell that sources the file gets the values back, and runs nothing")
  func shell() throws {
    let values = ["LAB\\ASA$", "say \"it\" `echo no` $(echo no) ${HOME} \\$x", "it's #1; %i *", "blåbær 🗝"]
    let file = EnvironmentText(values.enumerated().map { (name: "V\($0.offset)", value: $0.element) }).text
    let printing = values.indices.map { "printf '%s\\n' \"$V\($0)\"" }.joined(separator: "\n")
    let printed = try FinishedCommand(running: ["/bin/sh", "-c", file + printing]).output
    #expect(printed == values.map { $0 + "\n" }.joined())
  }

  @Test("A long value is cut at a character, before it is quoted", arguments: ["x", "å", "🗝", "\""])
  func bounded(character: String) throws {
    let text = EnvironmentText([(name: "A", value: String(repeating: character, count: 10_000))]).text
    let value = text.dropFirst(3).dropLast(2).replacing("\\\"", with: "\"")
    #expect(value.hasSuffix("…"))
    #expect((EnvironmentText.longestValue - 3...EnvironmentText.longestValue).contains(value.utf8.count))
    #expect(value.dropLast().allSatisfy { String($0) == character })
  }

  @Test("A value of just the longest length is left as it is")
  func longest() {
    let value = String(repeating: "x", count: EnvironmentText.longestValue)
    #expect(EnvironmentText([(name: "A", value: value)]).text == "A=\"\(value)\"\n")
  }
}
