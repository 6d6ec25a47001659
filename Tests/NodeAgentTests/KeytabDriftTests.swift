import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Synchronization
import Testing

@Suite("Keytabs that somebody else has changed are told of, with what was wrong")
struct KeytabDriftTests {
  private let node: TestNode
  private let rotation = RotationID.make()

  init() throws { node = try TestNode() }

  private var path: String { node.configuration.keytabs[0].path }

  /// A keeper whose keytab an order has written.
  private func ordered(_ send: @escaping @Sendable (NodeReport) -> Void) async throws -> SlotKeeper {
    let keeper = try node.keeper()
    try await keeper.start()
    _ = try await keeper.welcomed(try node.welcome(), from: "rotator.lab.example", send: send)
    let slots = [Samples.slot(4, .latest, rotation: rotation, committed: Epoch(era: 1, number: 5))]
    #expect(await keeper.carryOut(try Samples.order(rotation: rotation, slots: slots)).refusal == nil)
    return keeper
  }

  @Test("Missing, edited, opened to others: each is put right and told once", arguments: KeytabDrift.Kind.allCases)
  func kinds(_ kind: KeytabDrift.Kind) async throws {
    let sent = Mutex<[NodeReport]>([])
    let keeper = try await ordered { report in sent.withLock { $0.append(report) } }
    let before = try node.installed()
    switch kind {
    case .missing: try FileManager.default.removeItem(atPath: path)
    case .contents:
      try node.install(Array(before.dropLast(2)) + [Samples.entry("http/mail.lab.example", 9, Samples.keys().keys[0])])
    case .permissions: try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
    }
    await keeper.healDrift()
    await keeper.healDrift()
    let drift = sent.withLock { $0.flatMap(\.drift) }
    #expect(drift.map(\.kind) == [kind] && drift.map(\.path) == [path])
    let words: [KeytabDrift.Kind: String] = [
      .missing: "it was missing", .contents: "it lacked 2 of \(before.count) entries and held 1",
      .permissions: "its mode was 0666",
    ]
    #expect(drift.first?.problem.contains(words[kind] ?? "?") == true, "\(drift)")
    #expect(try node.installed() == before)
  }

  @Test("What was put right while no rotator was there, or before the agent started, is told with the next welcome")
  func toldLater() async throws {
    var keeper: SlotKeeper? = try await ordered { _ in }
    await keeper?.detached(from: "rotator.lab.example")
    try FileManager.default.removeItem(atPath: path)
    await keeper?.healDrift()
    let reports = try await keeper?.welcomed(try node.welcome(), from: "rotator.lab.example") { _ in }
    #expect(reports?.flatMap(\.drift).map(\.kind) == [.missing])
    keeper = nil
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let next = try node.keeper()
    try await next.start()
    #expect(
      try await next.welcomed(try node.welcome(), from: "rotator.lab.example") { _ in }.flatMap(\.drift).map(\.kind) == [
        .permissions
      ])
  }
}
