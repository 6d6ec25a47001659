import Foundation
import RotationCore
import Systemd
import Testing

@Suite("The message catalog")
struct CatalogTests {
  private static let entries: [Substring] = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let text = (try? String(contentsOf: root.appendingPathComponent("systemd/asa-rotator.catalog"), encoding: .utf8)) ?? ""
    return Array(text.split(separator: "\n-- ").dropFirst())
  }()

  @Test("Every kind of record has one entry with a subject and a text", arguments: RecordKind.allCases)
  func entry(kind: RecordKind) {
    let entries = Self.entries.filter { $0.hasPrefix(MessageID.of(kind) + "\n") }
    #expect(entries.count == 1)
    #expect(entries.allSatisfy { $0.contains("\nSubject: ") && $0.split(separator: "\n").count > 3 })
  }

  /// The kinds that may be about no account, and are about no node, controller or rotation.
  private static let aboutTheDaemon: Set<RecordKind> = [
    .rotationStalled, .daemonInterrupted, .storeUnwritable, .storeWritable, .alarmDelivered, .alarmFailed, .alarmAcknowledged,
    .configurationReloaded, .configurationRefused,
  ]

  /// The fields that every record of a kind has, besides journald's own.
  private func carriedFields(_ kind: RecordKind) throws -> Set<String> {
    let isDaemons = Self.aboutTheDaemon.contains(kind)
    let record = OutcomeRecord(
      kind: kind, time: .now, account: isDaemons ? nil : try AccountName("LAB\\ASA$"),
      rotation: isDaemons ? nil : RotationID("r"),
      phase: "staging", nodes: isDaemons ? [] : [try NodeName("cas-1.lab.example")], version: isDaemons ? nil : KeyVersion(7),
      domainController: isDaemons ? nil : "dc1.lab.example", message: "m", passwordChanged: true,
      alarm: [.alarmDelivered, .alarmFailed].contains(kind) ? .failed : nil)
    return Set(JournalEntry(record, identifier: "x").fields.map(\.name.description))
  }

  @Test("An entry refers only to fields that its records carry", arguments: RecordKind.allCases)
  func fields(kind: RecordKind) throws {
    let entry = try #require(Self.entries.first { $0.hasPrefix(MessageID.of(kind)) })
    let used = Set(entry.matches(of: /@([A-Z_]+)@/).map { String($0.1) })
    #expect(used.isSubset(of: try carriedFields(kind)))
  }

  @Test("An entry about several nodes does not name one of them: journalctl would show the first alone")
  func severalNodes() throws {
    let entry = try #require(Self.entries.first { $0.hasPrefix(MessageID.of(.rotationDegraded)) })
    #expect(!entry.contains("@ASA_NODE@"))
  }

  @Test("There is no entry for anything else")
  func noStrangers() {
    #expect(Self.entries.count == RecordKind.allCases.count)
  }
}
