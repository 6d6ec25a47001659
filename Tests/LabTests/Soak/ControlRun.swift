import ChildProcesses
import Foundation

/// The clients of a long run without rotator and agents: an administrator changes the password in the wrong order.
struct ControlRun: Sendable {
  /// What any clients would notice. The real number is in the hundreds, and rises until the last old ticket has ended.
  static let leastRefused = 50

  let site: SoakSite
  let settings: SoakSettings
  let report: SoakReport

  func run() async throws -> SoakResult {
    let first = try await site.cluster.directoryVersion()
    for node in site.nodes { try markReady(node) }
    try await site.service.startAll()
    try await site.cached.start()
    try await site.startClients(settings)
    let end = ContinuousClock.now + .seconds(settings.seconds)
    var rotations = 0
    while ContinuousClock.now < end {
      try await Task.sleep(for: settings.pause)
      try await HandMadeRotation(cluster: site.cluster).rotate()
      rotations += 1
      report.show(site.clients.tally(), rotations: rotations, fault: nil)
    }
    return SoakResult(
      tally: await site.clients.stop(), atTheEnd: try await site.clients.presentEachOnce(to: site.acceptors),
      rotations: rotations, faults: [:],
      slotsMax: 1, tickets: Set(site.clients.held()), versions: first...first + rotations, nodes: site.acceptors.count)
  }

  /// Nobody looks whether a node has the keys that it needs.
  private func markReady(_ node: String) throws {
    try Data().write(to: URL(fileURLWithPath: site.service.readinessFile(of: node)))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: site.service.readinessFile(of: node))
  }
}
