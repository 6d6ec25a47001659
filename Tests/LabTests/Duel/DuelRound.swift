import ChildProcesses
import Foundation

/// Two rotators with copies of one store are told to rotate at the same time.
struct DuelRound {
  let cluster: LabCluster
  let proxies: [String: WireProxy]
  var randomness: SeededRandomness

  /// Who won, and what was wrong.
  struct Verdict {
    var winner: String?
    var faults: [String] = []
  }

  /// Lets both come to their claim, lets both claims go, and judges.
  mutating func run() async throws -> Verdict {
    let cluster = cluster
    let before = try await cluster.directoryEntry()
    let tickets = try await cluster.clientTickets("before")
    for proxy in proxies.values { proxy.arm(.hold, lengths: WireScenario.Write.claim.lengths) }
    async let first = cluster.asactl(on: "rotator", ["rotate", "--yes", "--json"])
    async let second = cluster.asactl(on: "rotator-2", ["rotate", "--yes", "--json"])
    do { try await letGo() } catch {
      for proxy in proxies.values { proxy.release() }
      throw error
    }
    let results = ["rotator": try await first, "rotator-2": try await second]
    return try await judge(results.mapValues(\.status), from: before, tickets: tickets)
  }

  private mutating func letGo() async throws {
    let (proxies, cluster) = (proxies, cluster)
    try await cluster.waitUntil("both have sent their claim") { proxies.values.allSatisfy { $0.held == 1 } }
    let order = proxies.keys.sorted().shuffled(using: &randomness)
    let gap = Duration.microseconds(Int.random(in: 0...20_000, using: &randomness))
    proxies[order[0]]?.release()
    try await Task.sleep(for: gap)
    proxies[order[1]]?.release()
  }
}

// MARK: - Judging

extension DuelRound {
  private func judge(
    _ statuses: [String: Int32], from before: LabCluster.DirectoryEntry, tickets: String
  ) async throws -> Verdict {
    let winners = statuses.filter { $0.value == 0 }.keys.sorted()
    guard winners.count == 1, let winner = winners.first, let loser = statuses.keys.first(where: { $0 != winner }) else {
      return Verdict(winner: nil, faults: ["\(winners.count) winners: \(statuses)"])
    }
    var verdict = Verdict(winner: winner)
    let after = try await cluster.directoryEntry()
    if after.version != before.version + 1 { verdict.faults.append("the kvno went from \(before.version) to \(after.version)") }
    let (won, lost) = (try await endings(on: winner), try await endings(on: loser))
    guard let won = won.last, let rotation = won["rotation"]?.string, let lost = lost.last else {
      verdict.faults.append("a terminal record is missing")
      return verdict
    }
    if after.stamp?.contains(";\(rotation);done;") != true { verdict.faults.append("the stamp is \(after.stamp ?? "none")") }
    if won["kind"]?.string != "rotationSucceeded" || won["passwordChanged"]?.boolean != true {
      verdict.faults.append("the winner says: \(won["message"]?.string ?? "")")
    }
    verdict.faults += faults(of: lost, beatenBy: rotation)
    verdict.faults += try await lostKeys(winner, tickets, version: after.version)
    return verdict
  }

  private func endings(on rotator: String) async throws -> [JSONValue] {
    let records = try await cluster.json(on: rotator, ["history"])["records"]?.array ?? []
    return records.filter { ["rotationSucceeded", "rotationDegraded", "rotationFailed"].contains($0["kind"]?.string) }
  }

  /// The loser has to know that it lost, and to whom.
  private func faults(of lost: JSONValue, beatenBy rotation: String) -> [String] {
    let message = lost["message"]?.string ?? ""
    var faults: [String] = []
    if lost["kind"]?.string != "rotationFailed" { faults.append("the loser ended as \(lost["kind"]?.string ?? "nothing")") }
    if lost["passwordChanged"]?.boolean != nil { faults.append("the loser claims to know about the password") }
    if !message.contains("stands down") || !message.contains(rotation) { faults.append("the loser says: \(message)") }
    return faults
  }

  private func lostKeys(_ winner: String, _ before: String, version: Int) async throws -> [String] {
    let cluster = cluster
    var faults: [String] = []
    let verification = try await cluster.json(on: winner, ["verify"])
    if verification["allAccepted"]?.boolean != true { faults.append("verify is refused") }
    let now = try await cluster.clientTickets("now")
    for node in cluster.layout.nodes {
      for cache in [before, now] where try await !cluster.accepts(node, tickets: cache) {
        faults.append("\(node) refuses the tickets of \(cache.split(separator: "/").last ?? "")")
      }
      let newest = try await cluster.entries(of: node).map(\.version).max()
      if newest != version { faults.append("\(node) holds kvno \(newest ?? 0), the directory \(version)") }
    }
    return faults
  }
}

/// What came of every round: a line each, and a line of JSON at the end.
final class DuelReport {
  private let seed: UInt64
  private let rounds: Int
  private var wins: [String: Int] = [:]
  private var count = 0
  private var wrong = 0
  private(set) var faults: [String] = []

  init(seed: UInt64, rounds: Int) {
    (self.seed, self.rounds) = (seed, rounds)
    Self.say("duel: \(rounds) rounds, seed \(seed)")
  }

  func note(_ verdict: DuelRound.Verdict) {
    count += 1
    if let winner = verdict.winner { wins[winner, default: 0] += 1 }
    if !verdict.faults.isEmpty { wrong += 1 }
    faults += verdict.faults.map { "round \(count) of seed \(seed): \($0)" }
    let judgement = verdict.faults.isEmpty ? "ok" : "WRONG: \(verdict.faults.joined(separator: "; "))"
    Self.say("\(count)/\(rounds) \(verdict.winner ?? "nobody") has claimed, the other stood down: \(judgement)")
  }

  func finish() {
    let share = wins.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    Self.say(
      "{\"test\":\"duel\",\"seed\":\(seed),\"rounds\":\(count),\"passed\":\(count - wrong),\"failed\":\(wrong),\"wins\":{\(share)}}"
    )
    if count < rounds { faults.append("only \(count) of \(rounds) rounds were fought") }
  }

  private static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
