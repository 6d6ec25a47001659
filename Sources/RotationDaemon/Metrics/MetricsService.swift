import AgentService
import Foundation
import RotationCore

/// Writes the metrics file at a steady rate until it is cancelled.
struct MetricsService: Sendable {
  let file: MetricsFile
  let scheduler: RotationScheduler
  let agents: AgentService
  let clock: any PolicyClock

  /// Seconds between two writes; node_exporter is scraped every 15 to 60 s.
  private static let pause = 15

  func run() async {
    while !Task.isCancelled {
      await file.write(await input())
      do { try await Task.sleep(for: .seconds(Self.pause)) } catch { return }
    }
  }

  private func input() async -> MetricsInput {
    let nodes = await scheduler.nodeSnapshot()
    var input = MetricsInput(now: clock.now(), version: RotationDaemon.version)
    input.accounts = await scheduler.snapshot().map(Self.account)
    input.certificateExpiry = agents.certificateNotAfter
    input.nodeCertificateExpiries = nodes.reduce(into: [:]) { $0[$1.node] = $1.attachment?.certificateNotAfter }
    for alarm in await scheduler.standingAlarms where alarm.endedAt == nil { input.alarms[alarm.key.outcome, default: 0] += 1 }
    input.isStoreWritable = await scheduler.isStoreWritable
    return input
  }

  private static func account(_ snapshot: AccountSnapshot) -> MetricsInput.Account {
    let nodes = snapshot.nodes.filter { $0.connection != .revoked }
    var account = MetricsInput.Account(account: snapshot.account, due: snapshot.nextDue)
    account.rotations = snapshot.endings
    account.lastSuccess = snapshot.lastSuccess
    account.isPaused = snapshot.pause != nil
    account.failuresInARow = snapshot.failures?.count ?? 0
    account.phase = snapshot.phase
    account.phaseDurations = snapshot.phaseDurations.map { ($0.phase, $0.seconds) }
    account.nodesConfigured = nodes.count
    account.nodesAttached = nodes.count { $0.connection == .attached }
    account.nodesBehind = nodes.count { $0.isBehind || $0.connection != .attached }
    account.controllersBehind = snapshot.controllers.count(where: \.isBehind)
    account.slots = snapshot.ledger.slots.compactMap { slot in
      snapshot.ledger.position(of: slot.rotation).map { ($0, slot.setAt) }
    }
    return account
  }
}
