import Foundation
import Logging
import PosixStatus
import Systemd
import Testing

@Suite("Log messages")
struct JournalLogHandlerTests {
  private func event(_ message: Logger.Message, metadata: Logger.Metadata? = nil) -> LogEvent {
    LogEvent(level: .warning, message: message, metadata: metadata, source: nil, file: "f", function: "g", line: 1)
  }

  @Test("Metadata become fields of ours and can never forge journald's own")
  func fields() {
    var handler = JournalLogHandler(label: "core", identifier: "asa-rotatord", destination: .journal)
    handler[metadataKey: "node.name"] = "cas-1"
    let fields = handler.fields(of: event("slow", metadata: ["message": "forged", "node.name": "cas-2"]))
    #expect(
      fields.map { String(decoding: $0.encoded, as: UTF8.self) } == [
        "MESSAGE=slow", "PRIORITY=4", "SYSLOG_IDENTIFIER=asa-rotatord", "ASA_LOGGER=core", "ASA_MESSAGE=forged",
        "ASA_NODE_NAME=cas-2",
      ])
  }

  @Test(
    "Every metadata key gives a name that journald accepts",
    arguments: ["a", "node.name", "_x", "0", "ÆØÅ", "", String(repeating: "k", count: 100), "a=b\nc"])
  func names(key: String) {
    let name = JournalField.Name(metadataKey: key).description
    #expect(name.wholeMatch(of: /[A-Z][A-Z0-9_]{0,63}/) != nil)
  }

  @Test("Elsewhere a message is one plain line")
  func line() {
    let handler = JournalLogHandler(label: "core", identifier: "x", destination: .standardError)
    let line = handler.line(
      of: event("a\tb\r\nc", metadata: ["b": "two words", "a": "1"]), at: Date(timeIntervalSince1970: 1_700_000_000.25))
    #expect(line.text == "2023-11-14T22:13:20.250Z warning core: a\\tb\\r\\nc a=1 b=\"two words\"")
  }

  @Test("The journal is used only when JOURNAL_STREAM names standard error itself")
  func destination() throws {
    let status = try #require(FileStatus(descriptor: 2))
    #expect(JournalLogHandler.Destination.detected(environment: [:]) == .standardError)
    #expect(JournalLogHandler.Destination.detected(environment: ["JOURNAL_STREAM": "1:2"]) == .standardError)
    let own = "\(status.device):\(status.inode)"
    #expect(JournalLogHandler.Destination.detected(environment: ["JOURNAL_STREAM": own]) == .journal)
  }
}
