import ChildProcesses
import Foundation

/// A long run: clients all the time, rotations one after the other, and one fault after the other.
struct SoakRun: Sendable {
  let site: SoakSite
  let settings: SoakSettings
  let report: SoakReport

  /// Runs for as long as the settings say, and returns what came of it.
  func run() async throws -> SoakResult {
    let first = try await site.cluster.directoryVersion()
    try await site.startAll(settings)
    var trouble: [String] = []
    do { try await disturb(since: first) } catch { trouble.append("\(error)") }
    return try await result(since: first, trouble: trouble)
  }

  private func disturb(since first: Int) async throws {
    let end = ContinuousClock.now + .seconds(settings.seconds)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await rotate(since: first) }
      group.addTask { try await letThingsFail(until: end) }
      group.addTask { try await tell(since: first) }
      try await group.waitForAll()
    }
    try await site.awaitOrder(after: "everything")
  }

  private func rotate(since first: Int) async throws {
    let begin = ContinuousClock.now
    while !site.progress.isOver {
      let next = ContinuousClock.now + settings.pause
      let made = try await site.cluster.directoryVersion() - first
      if made < settings.roomForRotations(after: ContinuousClock.now - begin), site.progress.beginAttempt() {
        let attempt = try await site.cluster.asactl("rotate", "--yes")
        site.progress.endAttempt()
        if attempt.status != 0 { report.note("rotate ended with \(attempt.status): \(attempt.errors)") }
      }
      while ContinuousClock.now < next, !site.progress.takeWish() { try await Task.sleep(for: .milliseconds(50)) }
    }
  }

  private func letThingsFail(until end: ContinuousClock.Instant) async throws {
    defer { site.progress.end() }
    var lottery = SoakLottery(seed: settings.seed, nodes: site.nodes)
    while ContinuousClock.now < end {
      var draw = lottery.draw()
      try await Task.sleep(for: draw.milliseconds(500...2500))
      report.note("fault: \(draw)")
      site.progress.begin(draw)
      try await site.play(draw)
      site.progress.endFault()
      try await site.awaitOrder(after: "\(draw)")
    }
  }

  /// How many kvnos the newest ticket is ahead of the first key.
  private func tell(since first: Int) async throws {
    var seconds = 0
    while !site.progress.isOver {
      if seconds % report.interval == 0 {
        let newest = site.clients.held().map(\.version).max() ?? first
        report.show(site.clients.tally(), rotations: newest - first, fault: site.progress.current)
      }
      try await Task.sleep(for: .seconds(1))
      seconds += 1
    }
  }

  private func result(since first: Int, trouble: [String]) async throws -> SoakResult {
    let last = try await site.cluster.directoryVersion()
    let tally = await site.clients.stop()
    return SoakResult(
      tally: tally, atTheEnd: try await site.clients.presentEachOnce(to: site.acceptors), rotations: last - first,
      faults: site.progress.faults,
      slotsMax: (try? await site.slotCount()) ?? 0, tickets: Set(site.clients.held()), versions: first...last,
      nodes: site.acceptors.count, trouble: trouble)
  }
}
