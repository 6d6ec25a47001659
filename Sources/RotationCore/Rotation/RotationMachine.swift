package import Foundation

/// One rotation as a pure state machine: past-tense events in, actions out, time as an argument.
///
/// The caller makes the machine durable after each event and before it performs the actions; recovery after a crash is the event
/// ``RotationEvent/restarted`` to the stored machine, there is no other path.
package struct RotationMachine: Sendable, Equatable, Codable {
  /// Where the rotation stands.
  package enum Phase: String, Sendable, Equatable, Codable, CaseIterable {
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
    /// Nodes hold the new key as Latest and accept tickets one by one; the other domain controllers come to issue them. Ends.
    case proving
    /// The terminal record is written.
    case ended
  }

  /// The plan; its quorum shrinks when a node is revoked.
  package internal(set) var plan: RotationPlan
  /// Where it stands.
  package internal(set) var phase: Phase = .planned
  /// The stamp that the directory is known to hold, as far as this rotation has moved it.
  package internal(set) var knownStamp: Stamp?
  /// The nodes whose staged key was verified.
  package internal(set) var staged: Set<NodeName> = []
  /// The nodes that accepted a ticket for every SPN.
  package internal(set) var proven: Set<NodeName> = []
  /// The nodes that failed in this phase, with the reason.
  package internal(set) var failed: [NodeName: String] = [:]

  /// The nodes whose stream ended in this phase; until the deadline they may come back.
  var lost: Set<NodeName> = []
  var promoted: Set<NodeName> = []
  var restored: Set<NodeName> = []
  /// Whether an order with the next key may have left the rotator, in this run of the daemon or an earlier one.
  var hasStaged = false
  /// Whether the claim in the directory says that nodes without the key have to leave service.
  var announcement: Announcement?
  /// Until when they are given to do so.
  var absentWait: WallClockWait?
  var deadline: WallClockWait?
  var retryWait: WallClockWait?
  var attempts = 0
  /// Whether the claim may have reached the DC without our knowing.
  var claimInDoubt = false
  /// Whether the claim was never applied, so that the fence must start from the stamp before it.
  var fenceFromExpected = false
  var abort: Abort?
  var committedVersion: KeyVersion?
  /// The other domain controllers that have been seen to issue tickets under the new key.
  var converged: Set<String>?

  /// How far that has come.
  enum Announcement: String, Sendable, Equatable, Codable {
    /// It may have reached the domain controller.
    case sent
    /// It stands.
    case standing
  }

  /// Why and where a rotation was given up, kept until the fence stands.
  struct Abort: Sendable, Equatable, Codable {
    var reason: OperatorFault
    var nodes: [NodeName]
    var phase: Phase
  }

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
    case (.ended, _): return []
    case (.planned, .planWasRecorded), (.planned, .restarted):
      return isStampless ? enterStaging(at: now) : enterClaiming(at: now)
    case (.claiming, .claimAnswered(let answer)): return claimWasAnswered(answer, at: now)
    case (.claiming, .timerFired): return retryClaim(at: now)
    case (.staging, .nodeStaged(let node)): return nodeWasStaged(node, at: now)
    case (.staging, .nodeFailed(let node, let reason)): return nodeFailedToStage(node, reason: reason, at: now)
    case (.staging, .nodeLost(let node)): return nodeWasLostWhileStaging(node, at: now)
    case (.staging, .absenceAnnounced(let answer)): return absenceWasAnnounced(answer, at: now)
    case (.staging, .timerFired): return stagingTimerFired(at: now)
    case (.committing, .commitAnswered(let answer)), (.outcomeUnknown, .commitAnswered(let answer)):
      return commitWasAnswered(answer, at: now)
    case (.committing, .timerFired), (.outcomeUnknown, .timerFired): return retryCommit(at: now)
    case (.fencing, .fenceAnswered(let answer)): return fenceWasAnswered(answer, at: now)
    case (.fencing, .timerFired): return isRetryDue(at: now) ? [fence()] : []
    case (.unstaging, .nodeRestored(let node)): return nodeWasRestored(node)
    case (.unstaging, .timerFired): return isDeadlineOver(at: now) ? finishAbort() : []
    case (.checking, .commitWasChecked(let evidence)): return commitWasChecked(evidence, at: now)
    case (.checking, .timerFired): return isRetryDue(at: now) ? [.checkCommit] : []
    case (.proving, .nodePromoted(let node)): return nodeWasPromoted(node)
    case (.proving, .nodeProven(let node)): return nodeWasProven(node)
    case (.proving, .nodeRefusedTicket(let node, let reason)): return nodeRefusedTicket(node, reason: reason)
    case (.proving, .nodeLost(let node)): return nodeWasLostWhileProving(node)
    case (.proving, .controllerConverged(let name)): return controllerConverged(name)
    case (.proving, .timerFired): return isDeadlineOver(at: now) ? finish() : []
    case (_, .nodeRevoked(let node)): return nodeWasRevoked(node, at: now)
    case (_, .restarted): return resume(at: now)
    case (_, .givenUp(let reason)): return giveUp(because: reason, at: now)
    case (_, .writerWasLost(let loss)): return writerWasLost(loss)
    default: return []
    }
  }

  /// Whether nothing in the directory can tell one rotation from another.
  var isStampless: Bool { plan.isStampless ?? false }

  /// The stamps of its own that the directory may hold in this phase. Each write is sent only when the phase that sends it is durable, so any
  /// other one says that the store is older than the directory.
  var ownStamps: [Stamp] {
    switch phase {
    case .planned, .claiming, .staging: [plan.claim, plan.announced]
    case .committing, .outcomeUnknown: [plan.claim, plan.announced, plan.done]
    case .fencing: [plan.claim, plan.announced, plan.done, plan.fence]
    case .unstaging: [plan.fence]
    case .checking, .proving: [plan.done]
    case .ended: []
    }
  }

  /// The phase's name for people and for the journal.
  package var phaseName: String { phase.rawValue }
}

// MARK: - Restart and revocation

extension RotationMachine {
  /// What was in flight is lost with the daemon; each step is repeated, and no answer of a node from before counts.
  private mutating func resume(at now: Date) -> [RotationAction] {
    attempts = 0
    retryWait = nil
    failed = [:]
    lost = []
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
    case .unstaging: return enterUnstaging(at: now)
    case .checking, .proving: return enterChecking(at: now)
    }
  }

  /// Ends the rotation by the shortest safe way. What may have reached the directory is fenced first; only a fence that stalls as well is left
  /// to whoever reads the record, with every key kept.
  private mutating func giveUp(because reason: OperatorFault, at now: Date) -> [RotationAction] {
    switch phase {
    case .ended: return []
    case .planned: return end(abortedBecause: reason)
    case .committing, .outcomeUnknown:
      return isStampless ? end(undecidedBecause: reason) : enterFencing(because: reason, at: now)
    case .claiming, .staging: return enterFencing(because: reason, at: now)
    case .fencing: return end(undecidedBecause: reason)
    case .unstaging: return finishAbort()
    case .checking: return endUnproven(plan.plannedVersion, because: reason)
    case .proving: return endCommitted(because: reason)
    }
  }

  /// Without a word from the lost controller there is no abort any more: this store may be a copy, and its twin may have sent the password
  /// there. Only a fence that is known to stand has settled that.
  private mutating func writerWasLost(_ loss: WriterLoss) -> [RotationAction] {
    let fault = OperatorFault(
      .unavailable, plan.writer.dnsHostName, "was given up for good during the rotation",
      remedy: "nothing: passwords that may have lived there are set again on \(loss.successor.dnsHostName)")
    plan.writer = loss.successor
    knownStamp = loss.stamp
    switch phase {
    case .unstaging, .ended: return []
    case .planned: return end(abortedBecause: fault)
    case .claiming, .staging, .fencing, .committing, .outcomeUnknown, .checking: return end(undecidedBecause: fault)
    case .proving: return endCommitted(because: fault)
    }
  }

  private mutating func endCommitted(because fault: OperatorFault) -> [RotationAction] {
    end(
      RotationEnding(outcome: .failed, passwordChanged: true, version: committedVersion, fault: fault, phase: phaseName))
  }

  /// Nobody waits for a revoked node any more: it leaves the required set.
  private mutating func nodeWasRevoked(_ node: NodeName, at now: Date) -> [RotationAction] {
    leaveOut(node)
    switch phase {
    case .staging: return decideStaging(at: now)
    case .unstaging: return decideRestored()
    case .proving: return decideProof()
    default: return []
    }
  }
}

extension RotationMachine {
  /// Takes a node out of everything that is still waited for, and decides nothing.
  mutating func leaveOut(_ node: NodeName) {
    if plan.quorum.members.contains(node), !staged.contains(node) { plan.bystanders = (plan.bystanders ?? []) + [node] }
    plan.quorum = plan.quorum.without(node)
    plan.participants.removeAll { $0 == node }
    for set in [\RotationMachine.staged, \.proven, \.lost, \.promoted] { self[keyPath: set].remove(node) }
    failed[node] = nil
  }
}

// MARK: - Time

extension RotationMachine {
  mutating func enter(_ phase: Phase, deadline: WallClockWait? = nil) {
    self.phase = phase
    self.deadline = deadline
    attempts = 0
    retryWait = nil
  }

  mutating func retry(at now: Date) -> [RotationAction] {
    attempts += 1
    let next = RetryBackoff.nextTry(after: attempts, at: now)
    retryWait = WallClockWait(from: now, until: next)
    return [.wake(at: next)]
  }

  /// Tries again, and tells a person the first time.
  mutating func retry(reporting fault: OperatorFault, at now: Date) -> [RotationAction] {
    let isNews = attempts == 0
    return (isNews ? [.reportUnknown(fault)] : []) + retry(at: now)
  }

  /// Whether the wait before the next try is over; asking ends it, so that one try is made and not two.
  mutating func isRetryDue(at now: Date) -> Bool {
    guard let retryWait, retryWait.isOver(at: now) else { return false }
    self.retryWait = nil
    return true
  }

  func isDeadlineOver(at now: Date) -> Bool { deadline?.isOver(at: now) ?? false }
}
