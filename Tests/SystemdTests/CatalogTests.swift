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

  @Test("There is no entry for anything else")
  func noStrangers() {
    #expect(Self.entries.count == RecordKind.allCases.count)
  }
}
