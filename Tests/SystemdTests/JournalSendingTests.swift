import Foundation
import Logging
import RotationCore
import Systemd
import Testing

/// The journal's socket has a fixed path, so these run in processes with a /run of their own.
@Suite("Sending to the journal", .enabled(if: geteuid() == 0))
struct JournalSendingTests {
  @Test("A record reaches the journal's socket with its fields")
  func record() async {
    await #expect(processExitsWith: .success) {
      let journal = try PrivateJournal()
      JournalRecorder(identifier: "asa-rotatord").record(
        OutcomeRecord(kind: .rotationFailed, time: .now, account: try AccountName("LAB\\ASA$"), message: "it failed"))
      let lines = journal.received()
      #expect(lines.contains("MESSAGE=it failed"))
      #expect(lines.contains("MESSAGE_ID=\(MessageID.of(.rotationFailed))"))
      #expect(lines.contains("ASA_EVENT_ID=14004"))
      #expect(lines.contains("ASA_ACCOUNT=LAB\\ASA$"))
    }
  }

  @Test("A log message reaches the journal's socket")
  func message() async {
    await #expect(processExitsWith: .success) {
      let journal = try PrivateJournal()
      let logger = Logger(label: "core") { JournalLogHandler(label: $0, identifier: "x", destination: .journal) }
      logger.debug("unheard")
      logger.warning("heard", metadata: ["node": "cas-1"])
      let lines = journal.received()
      #expect(lines.contains("MESSAGE=heard"))
      #expect(lines.contains("ASA_NODE=cas-1"))
    }
  }
}

/// A /run of this thread's own, with a socket where journald's would be. Only for a process that ends with the test.
struct PrivateJournal {
  private let receiver: DatagramReceiver

  init() throws {
    typealias Unshare = @convention(c) (Int32) -> Int32
    // Glibc's overlay does not show unshare(2), which is a GNU extension.
    let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
    let (newNamespace, recursivelyPrivate): (Int32, UInt) = (0x20000, 0x4000 | 0x40000)
    try #require(unshare(newNamespace) == 0)
    try #require(mount("none", "/", nil, recursivelyPrivate, nil) == 0)
    try #require(mount("tmpfs", "/run", "tmpfs", 0, nil) == 0)
    try FileManager.default.createDirectory(atPath: "/run/systemd/journal", withIntermediateDirectories: true)
    receiver = try DatagramReceiver(path: "/run/systemd/journal/socket")
  }

  func received() -> [String] { receiver.next()?.split(separator: "\n").map(String.init) ?? [] }
}
