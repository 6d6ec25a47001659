import ChildProcesses
import Foundation

extension SoakSite {
  /// Lets a fault happen and takes it away again.
  func play(_ draw: SoakDraw) async throws {
    var draw = draw
    switch draw.fault {
    case .rotatorRestart:
      await cluster.stop("rotator")
      try await cluster.startRotator()
    case .rotatorKill: try await killRotator(&draw)
    case .agentRestart:
      await cluster.stop(draw.node)
      try await Task.sleep(for: draw.milliseconds(0...1500))
      try await cluster.startAgent(draw.node)
    case .agentKill:
      try await awaitAttempt(.begun)
      try await Task.sleep(for: draw.milliseconds(0...1500))
      await cluster.kill(draw.node)
      try await Task.sleep(for: draw.milliseconds(0...1000))
      try await cluster.startAgent(draw.node)
    case .nodeOutage: try await takeOut(draw.node)
    case .replicationPause:
      try await cluster.lab.run("replication", "pause", "dc2")
      try await awaitAttempt()
      try await cluster.lab.run("replication", "resume", "dc2")
    case .writerOutage: try await restart("dc1", &draw)
    case .replicaOutage: try await restart("dc2", &draw)
    case .networkCut:
      try await cluster.cutLink(of: draw.node)
      try await awaitAttempt(.begun)
      try await Task.sleep(for: draw.milliseconds(2000...8000))
      try await cluster.restoreLink(of: draw.node)
    }
  }

  private func killRotator(_ draw: inout SoakDraw) async throws {
    let phase = draw.element(of: ["claiming", "staging", "committing", "checking", "proving"])
    let delay = Int.random(in: 0...150_000, using: &draw.randomness)
    try cluster.setHook("kill-at", of: "rotator", to: "recorded:\(phase) +\(delay)")
    do {
      try await awaitAttempt(.begun)
      try await cluster.waitUntil("the rotator dies in \(phase)", within: .seconds(15)) { await !cluster.isRunning("rotator") }
    } catch is Timeout {
      // No rotation has come so far, for another reason.
      try cluster.setHook("kill-at", of: "rotator", to: nil)
      await cluster.kill("rotator")
    }
    try await cluster.startRotator()
  }

  /// The balancer notices a node that is gone by the readiness file, which is gone as well.
  private func takeOut(_ node: String) async throws {
    try await require("2")
    await service.kill(node)
    if node == cached.node { try await cached.stop() }
    await cluster.kill(node)
    try await Task.sleep(for: .milliseconds(500))
    try? FileManager.default.removeItem(atPath: service.readinessFile(of: node))
    try await awaitAttempt()
    let boot = UUID().uuidString.replacing("-", with: "")
    try await cluster.startAgent(node, environment: ["ASA_BOOT_ID": boot])
    // As its unit orders it: `Before=` the consumers of its keytabs.
    try await cluster.waitUntil("\(node) is in service again", within: .seconds(90)) { cluster.isReady(node) }
    try await service.start(node)
    if node == cached.node { try await cached.start() }
    try await awaitOrder(after: "the outage of \(node)")
    try await require("all")
  }

  /// Changes the policy as an administrator does, between two rotations.
  private func require(_ number: String) async throws {
    progress.hold()
    defer { progress.release() }
    try cluster.writeRotatorConfiguration(policy: Self.policy(require: number))
    try cluster.edit("rotator.yaml") { $0.replacing("127.0.0.1:\(cluster.port)", with: "0.0.0.0:\(cluster.port)") }
    try await cluster.waitUntil("the rotator has reloaded", within: .seconds(60)) {
      guard progress.isIdle else { return false }
      return try await cluster.asactl("reload").status == 0
    }
  }

  private func restart(_ controller: String, _ draw: inout SoakDraw) async throws {
    let lab = cluster.lab
    try await lab.run("controller", "stop", controller)
    progress.wish()
    try await Task.sleep(for: draw.milliseconds(1000...5000))
    try await lab.run("controller", "start", controller)
    try await cluster.waitUntil("\(controller) answers") {
      try await lab.result(
        of: ["ldapsearch", "-x", "-o", "nettimeout=1", "-H", "ldap://\(controller).\(lab.dnsDomain)", "-b", "", "-s", "base"]
      ).status == 0
    }
  }

  private enum Stage { case begun, ended }

  /// Returns when a rotation that was asked for from now on has begun, or has ended, however.
  private func awaitAttempt(_ stage: Stage = .ended) async throws {
    let goal = progress.attempts + (progress.isIdle ? 0 : 1)
    try await cluster.waitUntil("a rotation has been tried", within: .seconds(180)) {
      progress.wish()
      return progress.attempts > goal || (stage == .begun && progress.attempts == goal && !progress.isIdle)
    }
  }
}
