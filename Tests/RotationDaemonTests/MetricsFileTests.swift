import Foundation
import Logging
import RotationDaemon
import Synchronization
import Testing

@Suite("The metrics file")
struct MetricsFileTests {
  /// Counts the messages per level.
  private final class CountingLog: LogHandler, Sendable {
    let messages = Mutex<[String]>([])
    var logLevel: Logger.Level {
      get { .trace }
      set {}
    }
    var metadata: Logger.Metadata {
      get { [:] }
      set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
      get { nil }
      set {}
    }
    func log(event: LogEvent) { messages.withLock { $0.append("\(event.level)") } }
  }

  private let input = MetricsInput(now: Date(timeIntervalSince1970: 1_700_000_000), version: "1")

  @Test("It is replaced as a whole, readable for the group, and nothing else is left in the directory")
  func replaced() async throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let path = directory.file("asa.prom")
    let file = MetricsFile(path: path, logger: Logger(label: "test"))
    await file.write(input)
    let first = try FileManager.default.attributesOfItem(atPath: path)
    await file.write(input)
    let second = try FileManager.default.attributesOfItem(atPath: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == MetricsText(input).text)
    #expect((second[.posixPermissions] as? NSNumber)?.intValue == 0o640)
    #expect(first[.systemFileNumber] as? NSNumber != second[.systemFileNumber] as? NSNumber)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["asa.prom"])
  }

  @Test("A fault is logged once, and so is its end")
  func faults() async throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let log = CountingLog()
    let file = MetricsFile(path: directory.file("absent/asa.prom"), logger: Logger(label: "test") { _ in log })
    for _ in 0..<3 { await file.write(input) }
    #expect(log.messages.withLock { $0 } == ["error"])
    try FileManager.default.createDirectory(atPath: directory.file("absent"), withIntermediateDirectories: false)
    for _ in 0..<3 { await file.write(input) }
    #expect(log.messages.withLock { $0 } == ["error", "notice"])
  }
}
