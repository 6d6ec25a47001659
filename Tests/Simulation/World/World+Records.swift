import Foundation
import RotationCore

/// What a store has on record of attempts.
extension World {
  func check(_ record: OutcomeRecord, on site: RotatorSite) {
    guard let rotation = record.rotation else { return }
    if record.kind == .rotationStarted { tally.rotations += 1 }
    guard record.isTerminal else { return }
    if !site.disk.history.contains(where: { $0.kind == .rotationStarted && $0.rotation == rotation }), !site.isRestored {
      fail(.oneTrueRecord, "the end of \(rotation) is on record on \(site.name), and its beginning is not")
    }
    tally.endings["\(record.kind.rawValue) in \(record.phase ?? "?")", default: 0] += 1
    if site.disk.history.count(where: { $0.isTerminal && $0.rotation == rotation }) > 1 {
      fail(.oneTrueRecord, "\(rotation) has two terminal records on \(site.name)")
    }
    checkIsQuick(record, of: rotation, on: site)
    switch record.passwordChanged {
    // A store from before the plan, or a copy of one, cannot know what became of the attempt.
    case false? where (site.isRestored || site.isClone) && record.phase == "preflight": break
    case false?:
      truth.aborted.insert(rotation)
      if ["preflight", "planned", "claiming"].contains(record.phase) { truth.abortedUnclaimed.insert(rotation) }
      if truth.applied[rotation] != nil {
        fail(.freeAbort, "\(rotation) is recorded as failed with the password unchanged, and a controller has taken it")
      }
      checkIsGone(rotation, record, on: site)
    case true?: checkSuccess(record, of: rotation, on: site)
    case nil:
      truth.undecided.insert(rotation)
      checkIsUndecided(rotation, on: site)
    }
  }

  /// Where nothing goes wrong, a plan comes to its end, and long before any deadline.
  private func checkIsQuick(_ record: OutcomeRecord, of rotation: RotationID, on site: RotatorSite) {
    // Other controllers are waited for, too, until the deadline.
    let replication = controllers.count > 1 ? min(scenario.lag, Self.seconds(scenario.policy.proofDeadline)) + 5 : 0
    let turns = scenario.caching.count * 16
    // Nodes that were shut out are given time to leave service, as late ones are.
    let wait = replication + Double(turns) + Self.seconds(scenario.policy.absentGrace)
    let begin = site.disk.history.last { $0.kind == .rotationStarted && $0.rotation == rotation }?.time ?? record.time
    // What began before the quiet may end at any time.
    let isLast = truth.lastRequest.map { begin >= $0 } ?? false
    guard record.phase != "preflight", isLast || faults.strikes.isEmpty && scenario.company == .none else { return }
    if record.time.timeIntervalSince(begin) > 12 + wait {
      fail(.convergence, "\(rotation) took \(Int(record.time.timeIntervalSince(begin))) s, and nothing went wrong")
    }
    if record.kind == .rotationFailed { fail(.convergence, "\(rotation) failed, and nothing went wrong: \(record.message)") }
  }

  /// Nodes are back in their former slots, except those that the record names and that have not got the last order yet.
  private func checkIsGone(_ rotation: RotationID, _ record: OutcomeRecord, on site: RotatorSite) {
    // A twin on a copied store goes on with the same rotation; a store from before the staging does not know of it.
    guard let ledger = site.disk.account?.ledger, scenario.company != .copy, !site.isRestored else { return }
    let participants = truth.plans[rotation]?.plan.participants ?? []
    let left = record.message.components(separatedBy: "not yet back in their former slots").dropFirst().joined()
    for node in nodes where node.file?.slots.contains(where: { $0.rotation == rotation }) == true && !isRevoked(node, on: site)
    {
      let hasOrder = node.file?.applied.map { ($0.epoch, $0.version) == (ledger.epoch, ledger.version) } ?? false
      // One that came later than the plan follows by itself, too.
      let isNamed = left.contains(node.name.description) || !participants.contains(node.name)
      guard hasOrder || !isNamed else { continue }
      fail(.freeAbort, "\(rotation) is recorded as failed with the password unchanged, and \(node.name) still holds its key")
    }
  }

  /// Only somebody else's stamp leaves open what became of a password.
  private func checkIsUndecided(_ rotation: RotationID, on site: RotatorSite) {
    guard !site.isRestored, scenario.company != .copy, let shown = site.process?.shown?.stamp else {
      return
    }
    if shown.rotation == rotation {
      fail(.oneTrueRecord, "\(rotation) is recorded as undecided on \(site.name), which was shown \(shown)")
    }
  }

  private func checkSuccess(_ record: OutcomeRecord, of rotation: RotationID, on site: RotatorSite) {
    guard let application = truth.applied[rotation] else {
      return fail(.oneTrueRecord, "\(rotation) is recorded as a changed password, and no controller has taken it")
    }
    if record.phase == "proving", let version = record.version,
      truth.keys[application.key]?.versions.contains(version) != true
    {
      fail(.oneTrueRecord, "\(rotation) is recorded as kvno \(version), and no controller has issued it as that")
    }
    checkFormerIsListed(site)
    guard record.kind != .rotationFailed, let plan = truth.plans[rotation]?.plan else { return }
    let behind = record.kind == .rotationDegraded ? record.nodes : []
    if let revoked = behind.first(where: { site.disk.nodes[$0]?.isRevoked == true }) {
      fail(.oneTrueRecord, "\(rotation) is recorded as waiting for \(revoked), which was revoked")
    }
    for node in nodes where plan.quorum.members.contains(node.name) && !behind.contains(node.name) && node.wipedAt == nil {
      if !node.holds(application.key, under: record.version), !isRevoked(node, on: site) {
        fail(.oneTrueRecord, "\(rotation) is recorded as accepted by \(node.name), which does not hold it")
      }
    }
  }

  /// The key of before is Previous from the first password of ours on.
  private func checkFormerIsListed(_ site: RotatorSite) {
    guard !truth.wasReset, !site.isRestored, scenario.company == .none, let ledger = site.disk.account?.ledger else { return }
    guard !ledger.slots.contains(where: { $0.endOfOlder != nil }) else { return }
    if ledger.latest?.committedEpoch != nil, !ledger.slots.contains(where: { ledger.position(of: $0.rotation) == .previous }) {
      fail(.noRefusedClient, "\(site.name) has a new Latest, and lists no key of before")
    }
  }
}
