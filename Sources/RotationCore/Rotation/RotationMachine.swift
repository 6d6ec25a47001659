package import Foundation

/// One rotation as a pure state machine: past-tense events in, actions out, time as an argument.
///
/// The caller makes the machine durable after each event and before it performs the actions; recovery after a crash is the event
/// ``RotationEvent/restarted`` to the stored machine, there is no other path.
package struct RotationMachine: Sendable, Equatable, Codable {
  /// Where the rotation stands.
  package enum Phase: Sendable, Equatable, Codable {
    /// The plan is made. Goes to `claiming` when it is durable.
    case planned
    /// The claim is being sent to the pinned DC. Goes to `staging`, to `fencing` (it may have been sent), or ends.
    case claiming
    /// Nodes are installing the next key. Goes to `committing` or `fencing`.
    case staging
    /// The password write is being sent for the first time. Goes to `checking`, `outcomeUnknown` or `fencing`.
    case committing
    /// The password write may have been applied, or may still be. The same modify is sent again. Goes to `checking` or `fencing`.
    case outcomeUnknown
    /// The abort's stamp is being written; nothing is un-staged before it stands. Goes to `unstaging`, `checking` or ends.
    case fencing
    /// Nodes are going back to their former slots. Ends.
    case unstaging
    /// The password write was applied; the account is being read back and a ticket tried. Goes to `proving` or ends.
    case checking
    /// Nodes hold the new key as Latest and accept tickets one by one. Ends.
    case proving
    /// The terminal record is written.
    case ended
  }

  /// The plan.
  package private(set) var plan: RotationPlan
  /// Where it stands.
  package private(set) var phase: Phase = .planned
  /// The stamp that the directory is known to hold, as far as this rotation has moved it.
  package private(set) var knownStamp: Stamp?
  /// The nodes whose staged key was verified.
  package private(set) var staged: Set<NodeName> = []
  /// The nodes that accepted a ticket for every SPN.
  package private(set) var proven: Set<NodeName> = []
  /// The nodes that failed in this phase, with the reason.
  package private(set) var failed: [NodeName: String] = [:]

  private var lost: Set<NodeName> = []
  private var promoted: Set<NodeName> = []
  private var restored: Set<NodeName> = []
  private var deadline: Date?
  private var retryAt: Date?
  private var attempts = 0
  /// Whether the claim may have reached the DC without our knowing.
  private var claimInDoubt = false
  /// Whether the claim was never applied, so that the fence must start from the stamp before it.
  private var fenceFromExpected = false
  private var abortReason: OperatorFault?
  private var abortNodes: [NodeName] = []
  private var committedVersion: KeyVersion?

  /// Begins a rotation.
  package init(plan: RotationPlan) {
    self.plan = plan
    knownStamp = plan.expected
  }

  /// Takes one event at one instant.
  ///
  /// - Returns: The actions, in order; an event that does not belong to the phase gives none.
  package mutating func handle(_ event: RotationEvent, at now: Date) -> [RotationAction] {
    switch (phase, event) {
    case (.planned, .planWasRecorded), (.planned, .restarted):
      return enterClaiming(at: now)
    case (.claiming, .claimAnswered(let answer)): return claimWasAnswered(answer, at: now)
    case (.claiming, .timerFired): return retryClaim(at: now)
    case (.staging, .nodeStaged(let node)): return nodeWasStaged(node, at: now)
    case (.staging, .nodeFailed(let node, let reason)): return nodeFailedToStage(node, reason: reason, at: now)
    case (.staging, .nodeLost(let node)): return nodeWasLost(node, at: now)
    case (.staging, .timerFired): return stagingTimerFired(at: now)
    case (.committing, .commitAnswered(let answer)), (.outcomeUnknown, .commitAnswered(let answer)):
      return commitWasAnswered(answer, at: now)
    case (.committing, .timerFired), (.outcomeUnknown, .timerFired): return retryCommit(at: now)
    case (.fencing, .fenceAnswered(let answer)): return fenceWasAnswered(answer, at: now)
    case (.fencing, .timerFired): return due(at: now) ? [fence()] : []
    case (.unstaging, .nodeRestored(let node)): return nodeWasRestored(node)
    case (.unstaging, .timerFired): return isPast(deadline, at: now) ? finishAbort() : []
    case (.checking, .commitWasChecked(let evidence)): return commitWasChecked(evidence, at: now)
    case (.checking, .timerFired): return due(at: now) ? [.checkCommit] : []
    case (.proving, .nodePromoted(let node)): return nodeWasPromoted(node)
    case (.proving, .nodeProven(let node)): return nodeWasProven(node)
    case (.proving, .nodeRefusedTicket(let node, let reason)): return nodeRefusedTicket(node, reason: reason)
    case (.proving, .nodeLost(let node)): return nodeRefusedTicket(node, reason: "its stream ended")
    case (.proving, .timerFired): return isPast(deadline, at: now) ? finish() : []
    case (_, .restarted): return resume(at: now)
    default: return []
    }
  }
}

// MARK: - Claim

extension RotationMachine {
  private mutating func enterClaiming(at now: Date) -> [RotationAction] {
    enter(.claiming, deadline: now.addingTimeInterval(plan.stagingSeconds))
    return [.claim(from: plan.expected, to: plan.claim)]
  }

  private mutating func claimWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterStaging(at: now)
    case .refused(_, let state) where plan.claimed(state.stamp): return enterStaging(at: now)
    case .refused(let refusal, let state) where state.stamp == plan.expected?.description:
      let fault = OperatorFault(
        refusal.reason == .accessDenied ? .permission : .unavailable, plan.writer.dnsHostName,
        "refused to write the claim on \(plan.account): \(refusal.message)")
      return claimInDoubt ? enterFencing(because: fault) : end(abortedBecause: fault)
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault):
      guard isPast(deadline, at: now) else { return retry(at: now) }
      return claimInDoubt ? enterFencing(because: fault) : end(abortedBecause: fault)
    case .unknown(let fault):
      claimInDoubt = true
      return isPast(deadline, at: now) ? enterFencing(because: fault) : retry(at: now)
    }
  }

  private mutating func retryClaim(at now: Date) -> [RotationAction] {
    due(at: now) ? [.claim(from: plan.expected, to: plan.claim)] : []
  }
}

// MARK: - Stage

extension RotationMachine {
  private mutating func enterStaging(at now: Date) -> [RotationAction] {
    knownStamp = plan.claim
    let end = now.addingTimeInterval(plan.stagingSeconds)
    enter(.staging, deadline: end)
    return [.stage, .wake(at: end)]
  }

  private mutating func nodeWasStaged(_ node: NodeName, at now: Date) -> [RotationAction] {
    staged.insert(node)
    failed[node] = nil
    lost.remove(node)
    return decideStaging(at: now)
  }

  private mutating func nodeFailedToStage(_ node: NodeName, reason: String, at now: Date) -> [RotationAction] {
    staged.remove(node)
    failed[node] = reason
    return decideStaging(at: now)
  }

  private mutating func nodeWasLost(_ node: NodeName, at now: Date) -> [RotationAction] {
    guard !staged.contains(node) else { return [] }
    lost.insert(node)
    return decideStaging(at: now)
  }

  private mutating func stagingTimerFired(at now: Date) -> [RotationAction] {
    guard isPast(deadline, at: now) else { return [] }
    if plan.quorum.isMet(by: staged) { return enterCommitting() }
    for node in plan.participants where !staged.contains(node) && failed[node] == nil {
      failed[node] = "did not answer in time"
    }
    return abortStaging()
  }

  private mutating func decideStaging(at now: Date) -> [RotationAction] {
    let reachable = Set(plan.quorum.members).subtracting(failed.keys)
    if !plan.quorum.isMet(by: reachable) { return abortStaging() }
    let isSettled = plan.participants.allSatisfy { staged.contains($0) || failed[$0] != nil || lost.contains($0) }
    return isSettled && plan.quorum.isMet(by: staged) ? enterCommitting() : []
  }

  private mutating func abortStaging() -> [RotationAction] {
    let missing = plan.quorum.members.filter { !staged.contains($0) }
    let reasons = missing.map { node in "\(node) \(failed[node] ?? (lost.contains(node) ? "went away" : "is not attached"))" }
    abortNodes = missing
    return enterFencing(
      because: OperatorFault(
        .unavailable, "account \(plan.account)", "too few nodes hold the next key: \(reasons.joined(separator: "; "))",
        remedy: "bring the node back, or lower policy.require; 'asactl nodes list' shows every node"))
  }
}

// MARK: - Commit

extension RotationMachine {
  private mutating func enterCommitting() -> [RotationAction] {
    enter(.committing, deadline: nil)
    return [.commit(from: plan.claim, to: plan.done)]
  }

  private mutating func commitWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterChecking()
    case .refused(_, let state) where state.stamp == plan.done.description: return enterChecking()
    case .refused(let refusal, let state) where state.stamp == plan.claim.description:
      return enterFencing(because: refusedCommit(refusal))
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault) where phase == .committing && attempts >= 5: return enterFencing(because: fault)
    case .notSent: return retry(at: now)
    case .unknown(let fault):
      let isNews = phase == .committing
      phase = .outcomeUnknown
      return (isNews ? [.reportUnknown(fault)] : []) + retry(at: now)
    }
  }

  private func refusedCommit(_ refusal: WriteRefusal) -> OperatorFault {
    switch refusal.reason {
    case .passwordPolicy:
      OperatorFault(
        .permission, "account \(plan.account)", "\(plan.writer.dnsHostName) refused the password by policy: \(refusal.message)",
        remedy: "exempt the account from password filters, or use a computer account")
    case .accessDenied:
      OperatorFault(
        .permission, "account \(plan.account)", "\(plan.writer.dnsHostName) denied the password reset: \(refusal.message)",
        remedy: "grant Reset Password and write on the stamp attribute on this one object")
    case .stampMismatch, .other:
      OperatorFault(.unavailable, plan.writer.dnsHostName, "refused the password write: \(refusal.message)")
    }
  }

  private mutating func retryCommit(at now: Date) -> [RotationAction] {
    due(at: now) ? [.commit(from: plan.claim, to: plan.done)] : []
  }

  private mutating func enterChecking() -> [RotationAction] {
    knownStamp = plan.done
    enter(.checking, deadline: nil)
    return [.checkCommit]
  }

  private mutating func commitWasChecked(_ evidence: CommitEvidence, at now: Date) -> [RotationAction] {
    switch evidence {
    case .proven(let version, let fingerprint):
      committedVersion = version
      let end = now.addingTimeInterval(plan.proofSeconds)
      enter(.proving, deadline: end)
      failed = [:]
      lost = []
      return [.promote(version, fingerprint), .wake(at: end)]
    case .foreignKey(let version, let fault):
      committedVersion = version
      let ending = RotationEnding(
        outcome: .failed, passwordChanged: true, version: version, nodes: [], fault: fault, phase: phaseName)
      phase = .ended
      return [.holdForeign, .end(ending)]
    case .superseded(let stamp): return standDown(before: stamp)
    case .unreadable(let fault):
      let isNews = attempts == 0
      return (isNews ? [.reportUnknown(fault)] : []) + retry(at: now)
    }
  }
}

// MARK: - Prove

extension RotationMachine {
  private mutating func nodeWasPromoted(_ node: NodeName) -> [RotationAction] {
    guard plan.quorum.members.contains(node), !proven.contains(node) else { return [] }
    promoted.insert(node)
    failed[node] = nil
    return [.prove(node)]
  }

  private mutating func nodeWasProven(_ node: NodeName) -> [RotationAction] {
    proven.insert(node)
    failed[node] = nil
    return isProofSettled ? finish() : []
  }

  private mutating func nodeRefusedTicket(_ node: NodeName, reason: String) -> [RotationAction] {
    guard !proven.contains(node) else { return [] }
    failed[node] = reason
    return isProofSettled ? finish() : []
  }

  private var isProofSettled: Bool {
    let expected = Set(plan.participants).union(promoted)
    return expected.allSatisfy { proven.contains($0) || failed[$0] != nil }
  }

  private mutating func finish() -> [RotationAction] {
    let behind = plan.quorum.members.filter { !proven.contains($0) }
    let outcome: RotationOutcome =
      behind.isEmpty ? .succeeded : plan.quorum.isMet(by: proven) ? .degraded : .failed
    let reasons = behind.map { "\($0) \(failed[$0] ?? "is not attached")" }
    let fault = OperatorFault(
      .unavailable, "account \(plan.account)",
      "the password is new, but not every node accepts it: \(reasons.joined(separator: "; "))",
      remedy: "a node that returns is caught up by itself; 'asactl status' shows when")
    let ending = RotationEnding(
      outcome: outcome, passwordChanged: true, version: committedVersion, nodes: behind,
      fault: behind.isEmpty ? nil : fault, phase: phaseName)
    phase = .ended
    return [.end(ending)]
  }
}

// MARK: - Abort

extension RotationMachine {
  private mutating func enterFencing(because reason: OperatorFault) -> [RotationAction] {
    abortReason = reason
    enter(.fencing, deadline: nil)
    return [fence()]
  }

  private func fence() -> RotationAction {
    .fence(from: fenceFromExpected ? plan.expected : plan.claim, to: plan.fence)
  }

  private mutating func fenceWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterUnstaging(at: now)
    case .refused(_, let state) where state.stamp == plan.fence.description: return enterUnstaging(at: now)
    case .refused(_, let state) where state.stamp == plan.done.description: return enterChecking()
    case .refused(let refusal, let state) where refusal.reason != .stampMismatch && isFenceable(state.stamp):
      return retry(at: now)
    case .refused(_, let state) where state.stamp == plan.expected?.description && !fenceFromExpected:
      fenceFromExpected = true
      return [fence()]
    case .refused(_, let state) where state.stamp == plan.claim.description:
      fenceFromExpected = false
      return [fence()]
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault), .unknown(let fault):
      let isNews = attempts == 0
      return (isNews ? [.reportUnknown(fault)] : []) + retry(at: now)
    }
  }

  private func isFenceable(_ raw: String?) -> Bool {
    raw == plan.claim.description || raw == plan.expected?.description
  }

  private mutating func enterUnstaging(at now: Date) -> [RotationAction] {
    knownStamp = plan.fence
    let end = now.addingTimeInterval(min(10, plan.stagingSeconds))
    enter(.unstaging, deadline: end)
    return staged.isEmpty && failed.isEmpty && lost.isEmpty ? [.unstage] + finishAbort() : [.unstage, .wake(at: end)]
  }

  private mutating func nodeWasRestored(_ node: NodeName) -> [RotationAction] {
    restored.insert(node)
    return staged.isSubset(of: restored) ? finishAbort() : []
  }

  private mutating func finishAbort() -> [RotationAction] {
    let unrestored = staged.subtracting(restored).sorted()
    var fault = abortReason
    if !unrestored.isEmpty {
      let names = unrestored.map(\.description).joined(separator: ", ")
      fault?.problem += "; not yet back in their former slots: \(names) (they follow by themselves)"
    }
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: false, version: plan.currentVersion, nodes: abortNodes, fault: fault, phase: phaseName)
    phase = .ended
    return [.end(ending)]
  }

  private mutating func end(abortedBecause fault: OperatorFault) -> [RotationAction] {
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: false, version: plan.currentVersion, fault: fault, phase: phaseName)
    phase = .ended
    return [.end(ending)]
  }

  /// Another claimant stands: a superseded one falls silent, it pushes nothing, not even an un-stage.
  private mutating func standDown(before stamp: String?) -> [RotationAction] {
    let fault = OperatorFault(
      .temporary, "account \(plan.account)",
      "another rotator's stamp stands: '\(stamp ?? "none")'; this rotation stands down and pushes nothing",
      remedy: "stop all rotators but one for this account, then look at 'asactl status'")
    let ending = RotationEnding(outcome: .failed, passwordChanged: nil, version: nil, fault: fault, phase: phaseName)
    phase = .ended
    return [.end(ending)]
  }
}

// MARK: - Restart and timers

extension RotationMachine {
  /// The phase's name for people and for the journal.
  package var phaseName: String {
    switch phase {
    case .planned: "planned"
    case .claiming: "claiming"
    case .staging: "staging"
    case .committing: "committing"
    case .outcomeUnknown: "outcomeUnknown"
    case .fencing: "fencing"
    case .unstaging: "unstaging"
    case .checking: "checking"
    case .proving: "proving"
    case .ended: "ended"
    }
  }

  private mutating func resume(at now: Date) -> [RotationAction] {
    attempts = 0
    retryAt = nil
    switch phase {
    case .planned, .ended: return []
    case .claiming:
      claimInDoubt = true
      return [.claim(from: plan.expected, to: plan.claim)]
    case .staging:
      staged = []
      return enterStaging(at: now)
    case .committing, .outcomeUnknown:
      phase = .outcomeUnknown
      return [.commit(from: plan.claim, to: plan.done)]
    case .fencing: return [fence()]
    case .unstaging:
      let end = now.addingTimeInterval(min(10, plan.stagingSeconds))
      deadline = end
      return [.unstage, .wake(at: end)]
    case .checking: return [.checkCommit]
    case .proving:
      phase = .checking
      return [.checkCommit]
    }
  }

  private mutating func enter(_ phase: Phase, deadline: Date?) {
    self.phase = phase
    self.deadline = deadline
    attempts = 0
    retryAt = nil
  }

  private mutating func retry(at now: Date) -> [RotationAction] {
    attempts += 1
    let next = RetryBackoff.nextTry(after: attempts, at: now)
    retryAt = next
    return [.wake(at: next)]
  }

  private mutating func due(at now: Date) -> Bool {
    guard let retryAt, now >= retryAt else { return false }
    self.retryAt = nil
    return true
  }

  private func isPast(_ deadline: Date?, at now: Date) -> Bool {
    guard let deadline else { return false }
    return now >= deadline
  }
}
