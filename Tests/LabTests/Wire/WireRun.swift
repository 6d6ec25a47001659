import ChildProcesses
import Foundation

/// One rotation over a wire that fails once, and what is to be said of it afterwards.
struct WireRun {
  let cluster: LabCluster
  let proxy: WireProxy
  let scenario: WireScenario
  var randomness: SeededRandomness

  /// How a run ended, and what was wrong with that.
  struct Verdict {
    var outcome = "none"
    var moved = 0
    var faults: [String] = []
  }

  /// Rotates and judges. A rotation that a busy machine has kept from coming to its write is asked for again.
  mutating func run() async throws -> Verdict {
    for _ in 1...2 {
      do { return try await attempt() } catch let failure as WireFailure where failure.cause is NotBegun {}
    }
    return try await attempt()
  }

  private struct NotBegun: Error {}

  private mutating func attempt() async throws -> Verdict {
    let before = try await cluster.directoryEntry()
    let known = try await lastEnding()?["rotation"]?.string
    let tickets = try await cluster.clientTickets("before")
    if scenario.write == .fence { try await cluster.makeKeytabsReadOnly() }
    arm()
    _ = proxy.takeLengths()
    let cluster = cluster
    async let command = cluster.asactl("rotate", "--yes", "--json")
    do {
      try await disturb(after: known)
      let ending = try await ending(after: known)
      try await releaseLate()
      _ = try await command
      return try await judge(ending, from: before, tickets: tickets)
    } catch {
      let phase = await cluster.phase() ?? "unknown"
      proxy.disarm()
      proxy.release()
      if scenario.write == .fence { try? await cluster.makeKeytabsWritable() }
      throw WireFailure(scenario: scenario, cause: error, phase: phase, lengths: proxy.takeLengths())
    }
  }

  private mutating func arm() {
    let part = Double.random(in: 0.05...0.95, using: &randomness)
    let microseconds = UInt32.random(in: 100_000...1_500_000, using: &randomness)
    let fault: WireProxy.Fault =
      switch scenario.mode {
      case .cutBefore: .cut(after: 0)
      case .cutInside: .cut(after: part)
      case .cutAfter: .cut(after: 1)
      case .truncated: .truncate(after: part)
      case .delayed: .delay(microseconds: microseconds)
      case .answerDelayed: .delayAnswer(microseconds: microseconds)
      case .swallowed: .swallow
      case .answerSwallowed: .swallowAnswer
      case .answerCut: .cutAnswer(after: part)
      default: .hold
      }
    let times: Int =
      switch scenario.mode {
      case .lateWithResend: 2
      case .lateAfterGivingUp, .lateAfterKill, .lateAfterRestart, .lateAfterEnd, .lateAfterFence, .lateWithFence: 1
      // What is sent again may meet the same.
      default: Int.random(in: 1...2, using: &randomness)
      }
    // A fence is as long as the claim before it.
    proxy.arm(fault, lengths: scenario.write.lengths, passing: scenario.write == .fence ? 1 : 0, times: times)
  }

  /// Everything that is done while the rotation is under way.
  private mutating func disturb(after known: String?) async throws {
    let (proxy, cluster) = (proxy, cluster)
    try await cluster.waitUntil("the \(scenario.write.rawValue) has been sent", within: .seconds(60)) {
      if proxy.fired > 0 { return true }
      let ending = try await lastEnding()
      guard ending?["rotation"]?.string != known, ending?["phase"]?.string == "preflight" else { return false }
      throw NotBegun()
    }
    if scenario.write == .fence { try await cluster.makeKeytabsWritable() }
    switch scenario.mode {
    case .lateAfterGivingUp:
      try await cluster.waitUntil("the rotator has given up waiting") { proxy.isAbandoned }
      proxy.release()
    case .lateWithResend:
      try await cluster.waitUntil("it has been sent again") { proxy.held == 2 }
      proxy.release(lastFirst: Bool.random(using: &randomness))
    case .lateAfterKill:
      await cluster.kill("rotator")
      try await cluster.startRotator()
      proxy.release()
    case .lateAfterRestart:
      await cluster.kill("rotator")
      try await cluster.startRotator()
    case .lateAfterFence where scenario.write == .claim: try await letTheClaimBeGivenUp()
    case .lateAfterFence:
      try await cluster.denyingReset {
        try await cluster.waitUntil("the rotation is being fenced") {
          ["fencing", "unstaging", "idle"].contains(await cluster.phase())
        }
      }
    case .lateWithFence: try await raceWithFence()
    default: break
    }
  }

  /// Every claim is lost until the rotation is given up for that; then the fence passes.
  private func letTheClaimBeGivenUp() async throws {
    let (proxy, cluster) = (proxy, cluster)
    proxy.arm(.swallow, lengths: scenario.write.lengths, times: .max)
    try await cluster.waitUntil("the rotation is being fenced", within: .seconds(60)) { await cluster.phase() == "fencing" }
    proxy.disarm()
  }

  private mutating func raceWithFence() async throws {
    let (proxy, cluster) = (proxy, cluster)
    proxy.arm(.hold, lengths: WireScenario.Write.fence.lengths)
    try await cluster.denyingReset {
      try await cluster.waitUntil("the fence has been sent") { proxy.held == 2 }
    }
    proxy.release(lastFirst: Bool.random(using: &randomness))
  }

  private func releaseLate() async throws {
    let (proxy, cluster) = (proxy, cluster)
    proxy.disarm()
    proxy.release()
    try await cluster.waitUntil("the domain controller has answered what came late") { proxy.isReleaseAnswered }
  }
}

// MARK: - Judging

extension WireRun {
  private func lastEnding() async throws -> JSONValue? { try await endings().last }

  private func endings() async throws -> [JSONValue] {
    let records = try await cluster.json("history")["records"]?.array ?? []
    return records.filter { ["rotationSucceeded", "rotationDegraded", "rotationFailed"].contains($0["kind"]?.string) }
  }

  /// The terminal record of the rotation that was asked for.
  private func ending(after known: String?) async throws -> JSONValue {
    let end = ContinuousClock.now + .seconds(90)
    while ContinuousClock.now < end {
      // A rotator that is just being started does not answer.
      if let last = try? await lastEnding(), last["rotation"]?.string != known { return last }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Timeout(what: "the rotation has ended by itself")
  }

  private func judge(
    _ ending: JSONValue, from before: LabCluster.DirectoryEntry, tickets: String
  ) async throws -> Verdict {
    let after = try await cluster.directoryEntry()
    let rotation = ending["rotation"]?.string ?? ""
    let changed = ending["passwordChanged"]?.boolean
    var verdict = Verdict(outcome: ending["kind"]?.string ?? "none", moved: after.version - before.version)
    let records = try await endings().filter { $0["rotation"]?.string == rotation }
    if records.count != 1 { verdict.faults.append("\(records.count) terminal records") }
    if changed == nil { verdict.faults.append("the record does not know the password: \(ending["message"]?.string ?? "")") }
    if let changed, verdict.moved != (changed ? 1 : 0) {
      verdict.faults.append("the record says \(changed), the kvno moved by \(verdict.moved)")
    }
    if let expected = scenario.changesPassword, changed != expected {
      verdict.faults.append("\(ending["message"]?.string ?? "no message")")
    }
    let state = changed == true ? "done" : "aborted"
    if after.stamp?.contains(";\(rotation);\(state);") != true {
      verdict.faults.append("the stamp is \(after.stamp ?? "none")")
    }
    verdict.faults += try await lostKeys(tickets)
    return verdict
  }

  /// Every node has to accept what the controller issues now, and what a client had before.
  private func lostKeys(_ before: String) async throws -> [String] {
    let cluster = cluster
    var faults: [String] = []
    do {
      try await cluster.waitUntil("every node accepts and has carried out its last order") {
        guard (try? await cluster.json("verify"))?["allAccepted"]?.boolean == true else { return false }
        return try await cluster.areInOrder()
      }
    } catch is Timeout { faults.append("verify is refused: \(try await cluster.asactl("verify").output)") }
    let now = try await cluster.clientTickets("now")
    for node in cluster.layout.nodes {
      for cache in [before, now] where try await !cluster.accepts(node, tickets: cache) {
        faults.append("\(node) refuses the tickets of \(cache.split(separator: "/").last ?? "")")
      }
    }
    return faults
  }
}

/// A run that could not be judged.
struct WireFailure: Error, CustomStringConvertible {
  let scenario: WireScenario
  let cause: any Error
  let phase: String
  let lengths: [Int]

  var description: String { "\(scenario): \(cause); phase \(phase), requests of \(lengths) bytes" }
}
