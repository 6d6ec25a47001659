import ChildProcesses
import Foundation
import NodeAgent
import RotationCore

/// One way to crash: what is going on, and at which boundaries which daemon is killed, one after another.
struct CrashRound: Sendable {
  /// What makes the daemons reach the boundary.
  enum Occasion: Sendable {
    /// A rotation.
    case rotation
    /// A rotation that one node refuses while staging, so that it is fenced and un-staged.
    case refusal
    /// A rotation; somebody else resets the password right after ours was set.
    case foreignReset
    /// A node comes back between rotations.
    case reattachment
    /// The Previous key's last ticket has ended.
    case retirement
    /// A node attaches for the first time, with a keytab that an administrator made.
    case onboarding
  }

  /// One death.
  struct Kill: Sendable {
    var node: Int?
    var boundary: String
    var count = 1
  }

  var occasion: Occasion
  var kills: [Kill]

  var title: String {
    let places = kills.map { kill in
      "\(kill.node.map { "agent \($0 + 1)" } ?? "rotator") \(kill.boundary)\(kill.count > 1 ? " (\(kill.count))" : "")"
    }
    return places.joined(separator: ", then ") + (occasion == .rotation ? "" : ", \(occasion)")
  }
}

extension CrashRound {
  /// At least one for every boundary that there is.
  static var all: [CrashRound] { Boundary.allCases.map(round(for:)) + AgentBoundary.allCases.flatMap(rounds(for:)) }

  private static func round(for boundary: Boundary) -> CrashRound {
    let kill = Kill(boundary: boundary.description, count: boundary == .turn ? 4 : 1)
    switch boundary {
    case .beforeRecord(.phase(.outcomeUnknown)), .recorded(.phase(.outcomeUnknown)):
      // The daemon that comes after one which may have sent the password knows as little as one that got no answer.
      return CrashRound(occasion: .rotation, kills: [Kill(boundary: "\(Boundary.recorded(.phase(.committing)))"), kill])
    case .beforeRecord(.phase(.fencing)), .recorded(.phase(.fencing)), .beforeRecord(.phase(.unstaging)),
      .recorded(.phase(.unstaging)), .before(.fence), .after(.fence), .before(.unstage), .after(.unstage), .answered(.unstage):
      return CrashRound(occasion: .refusal, kills: [kill])
    case .before(.holdForeign), .after(.holdForeign), .answered(.holdForeign):
      return CrashRound(occasion: .foreignReset, kills: [kill])
    case .before(.catchUp), .after(.catchUp), .answered(.catchUp): return CrashRound(occasion: .reattachment, kills: [kill])
    case .beforeRecord(.retirement), .recorded(.retirement), .before(.retire), .after(.retire), .answered(.retire):
      return CrashRound(occasion: .retirement, kills: [kill])
    default: return CrashRound(occasion: .rotation, kills: [kill])
    }
  }

  /// An agent sees the orders of staging and of the promotion, or of staging and of the un-staging; each changes two keytabs. It accepts a
  /// ticket in the preflight and one at the end.
  private static func rounds(for boundary: AgentBoundary) -> [CrashRound] {
    let name = boundary.description
    func round(_ occasion: Occasion, _ node: Int, _ count: Int) -> CrashRound {
      CrashRound(occasion: occasion, kills: [Kill(node: node, boundary: name, count: count)])
    }
    switch boundary {
    case .orderReceived, .slotsSaved, .answerReady, .answered:
      return [round(.rotation, 0, 1), round(.rotation, 0, 2), round(.refusal, 0, 2)]
    case .keytabExchanged: return (1...4).map { round(.rotation, 0, $0) } + (3...4).map { round(.refusal, 0, $0) }
    case .slotsGivenBack: return [round(.refusal, 1, 1)]
    case .proofReceived, .proofAnswered: return (1...2).map { round(.rotation, 0, $0) }
    case .readinessSaved: return [round(.rotation, 0, 1)]
    case .adoptionSaved, .proofSaved: return [round(.onboarding, 0, 1)]
    }
  }
}

extension CrashSite {
  /// Plays a round on daemons at rest, and leaves them at rest.
  ///
  /// - Throws: ``CrashFinding`` if the boundary was never reached, or with what does not hold afterwards.
  func play(_ round: CrashRound) async throws -> CrashVerdict {
    if round.occasion == .onboarding { try await cluster.startRotator() }
    if round.occasion == .retirement { try await rotateUndisturbed() }
    let before = try await standing()
    try arm(round.kills[0])
    let verdict = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await begin(round.occasion) }
      var restart = ContinuousClock.now
      for (index, kill) in round.kills.enumerated() {
        guard try await isGone(name(of: kill)) else { throw await neverReached(kill) }
        try endOccasion()
        if round.kills.indices.contains(index + 1) { try arm(round.kills[index + 1]) }
        restart = .now
        try await launch(name(of: kill))
      }
      let verdict = try await judge(since: before, resets: round.occasion == .foreignReset ? 1 : 0, restart: restart)
      try await group.waitForAll()
      return verdict
    }
    if round.occasion == .foreignReset || round.occasion == .onboarding {
      try await cluster.waitUntil("every node follows") { try await isFollowed() }
      try await rotateUndisturbed()
    }
    try await settle()
    return verdict
  }

  private func neverReached(_ kill: CrashRound.Kill) async -> CrashFinding {
    let state = await cluster.isRunning(name(of: kill)) ? "runs" : "has ended"
    let last = cluster.trace(of: name(of: kill)).filter { $0.name != "turn" }.suffix(6).map(\.name).joined(separator: " ")
    return CrashFinding("\(kill.boundary) was never reached; the daemon \(state), its last boundaries were: \(last)")
  }

  private func name(of kill: CrashRound.Kill) -> String { kill.node.map { nodes[$0] } ?? rotator }

  private func arm(_ kill: CrashRound.Kill) throws {
    _ = try cluster.hookEnvironment(of: name(of: kill))
    try cluster.setHook("kill-at", of: name(of: kill), to: "\(kill.boundary) \(kill.count)")
  }

  private func endOccasion() throws {
    try clearObstruction()
    for hook in ["clock-offset", "boot-offset"] { try cluster.setHook(hook, of: rotator, to: nil) }
  }

  private func begin(_ occasion: CrashRound.Occasion) async throws {
    switch occasion {
    case .rotation: _ = try await cluster.asactl("rotate", "--yes")
    case .refusal:
      try obstruct()
      _ = try await cluster.asactl("rotate", "--yes")
    case .foreignReset: try await rotateWithForeignReset()
    case .reattachment:
      await cluster.stop(nodes[0])
      try await launch(nodes[0])
    case .retirement:
      // Longer than any ticket lives.
      for hook in ["clock-offset", "boot-offset"] { try cluster.setHook(hook, of: rotator, to: "\(3 * 86400)") }
    case .onboarding: for node in nodes.reversed() { try await launch(node) }
    }
  }

  private func rotateWithForeignReset() async throws {
    try cluster.setHook("hold-at", of: rotator, to: "\(Boundary.after(.commit))")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await cluster.asactl("rotate", "--yes") }
      try await cluster.waitUntilHeld(rotator)
      let name = cluster.layout.account.split(separator: "\\").last.map(String.init) ?? ""
      try await cluster.lab.run(
        "samba-tool", "user", "setpassword", name, "--newpassword=Some-Body-Else-\(UInt32.random(in: 1...9999))", "-s",
        "\(cluster.lab.state)/dc1/etc/smb.conf", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb")
      try cluster.setHook("hold-at", of: rotator, to: nil)
      try await group.waitForAll()
    }
  }
}
