import Foundation

// MARK: - Commit

extension RotationMachine {
  mutating func enterCommitting() -> [RotationAction] {
    enter(.committing)
    return [.commit(from: plan.claim, to: plan.done)]
  }

  mutating func commitWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterChecking(at: now)
    case .refused(let refusal, _) where isStampless: return checkRefusal(refusal, at: now)
    case .refused(_, let state) where state.stamp == plan.done.description: return enterChecking(at: now)
    case .refused(_, let state) where state.stamp == plan.announced.description && plan.claim != plan.announced:
      // It was marked before the daemon started again.
      plan.claim = plan.announced
      return [.commit(from: plan.claim, to: plan.done)]
    case .refused(let refusal, let state) where state.stamp == plan.claim.description:
      return enterFencing(because: refusedCommit(refusal), at: now)
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault) where phase == .committing:
      return attempts >= Self.unsentCommits ? enterFencing(because: fault, at: now) : retry(at: now)
    case .notSent(let fault): return retry(reporting: fault, at: now)
    case .unknown(let fault):
      if phase == .committing { attempts = 0 }
      phase = .outcomeUnknown
      return retry(reporting: fault, at: now)
    }
  }

  /// How many times a password write that certainly was not sent is tried again before the rotation is given up.
  private static let unsentCommits = 5

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

  /// An error is no proof that nothing was done, and without a stamp only a ticket shows which key stands.
  private mutating func checkRefusal(_ refusal: WriteRefusal, at now: Date) -> [RotationAction] {
    abort = Abort(reason: refusedCommit(refusal), nodes: [], phase: phase)
    return enterChecking(at: now)
  }

  mutating func retryCommit(at now: Date) -> [RotationAction] {
    isRetryDue(at: now) ? [.commit(from: plan.claim, to: plan.done)] : []
  }

  mutating func enterChecking(at now: Date) -> [RotationAction] {
    knownStamp = plan.done
    enter(.checking, deadline: WallClockWait(from: now, until: now.addingTimeInterval(plan.proofSeconds)))
    return [.checkCommit]
  }

  mutating func commitWasChecked(_ evidence: CommitEvidence, at now: Date) -> [RotationAction] {
    switch evidence {
    case .proven(let version, let fingerprint): return enterProving(version, fingerprint, at: now)
    case .foreignKey(let version, let fault):
      if isStampless, let abort { return end(undecidedBecause: abort.reason) }
      // Without a stamp nothing shows that a write of ours cannot come after it.
      return endUnproven(version, issued: isStampless ? nil : version, because: fault)
    case .superseded(let stamp): return standDown(before: stamp)
    case .unreadable(let fault) where fault.mayPassByItself || !isDeadlineOver(at: now):
      return retry(reporting: fault, at: now)
    case .unreadable(let fault): return endUnproven(plan.plannedVersion, because: fault)
    }
  }

  /// The directory has the password, or somebody else's, and no ticket shows our key: it is kept, and nothing is retired.
  mutating func endUnproven(
    _ version: KeyVersion, issued: KeyVersion? = nil, because fault: OperatorFault
  ) -> [RotationAction] {
    let ending = RotationEnding(
      outcome: .failed, passwordChanged: true, version: version, fault: fault, phase: phaseName)
    return [.holdForeign(issued: issued)] + end(ending)
  }
}

// MARK: - Prove

extension RotationMachine {
  private mutating func enterProving(
    _ version: KeyVersion, _ fingerprint: KeyFingerprint, at now: Date
  ) -> [RotationAction] {
    committedVersion = version
    let end = now.addingTimeInterval(plan.proofSeconds)
    enter(.proving, deadline: WallClockWait(from: now, until: end))
    failed = [:]
    lost = []
    promoted = []
    proven = []
    converged = nil
    return [.promote(version, fingerprint), .wake(at: end)]
  }

  mutating func nodeWasPromoted(_ node: NodeName) -> [RotationAction] {
    guard plan.quorum.members.contains(node), !proven.contains(node) else { return [] }
    promoted.insert(node)
    lost.remove(node)
    failed[node] = nil
    return [.prove(node)]
  }

  mutating func nodeWasProven(_ node: NodeName) -> [RotationAction] {
    proven.insert(node)
    failed[node] = nil
    return decideProof()
  }

  mutating func nodeRefusedTicket(_ node: NodeName, reason: String) -> [RotationAction] {
    guard !proven.contains(node) else { return [] }
    failed[node] = reason
    return decideProof()
  }

  mutating func nodeWasLostWhileProving(_ node: NodeName) -> [RotationAction] {
    guard !proven.contains(node) else { return [] }
    lost.insert(node)
    return decideProof()
  }

  mutating func controllerConverged(_ name: String) -> [RotationAction] {
    guard plan.replicas?.contains(name) == true else { return [] }
    converged = (converged ?? []).union([name])
    return decideProof()
  }

  /// The other domain controllers that may still issue tickets under the key of before.
  var unconverged: [String] { (plan.replicas ?? []).filter { converged?.contains($0) != true } }

  /// Ends as soon as everybody has answered. While too few accept, a node that is away keeps the rotation open until the deadline; once enough do,
  /// so does a domain controller that has not got the password yet.
  mutating func decideProof() -> [RotationAction] {
    let expected = Set(plan.participants).union(promoted)
    guard expected.allSatisfy({ proven.contains($0) || failed[$0] != nil || lost.contains($0) }) else { return [] }
    let reachable = Set(plan.quorum.members).subtracting(failed.keys)
    let canStillBeMet = !plan.quorum.isMet(by: proven) && plan.quorum.isMet(by: reachable)
    let isWaitingForControllers = plan.quorum.isMet(by: proven) && !unconverged.isEmpty
    return canStillBeMet || isWaitingForControllers ? [] : finish()
  }

  mutating func finish() -> [RotationAction] {
    let behind = plan.quorum.members.filter { !proven.contains($0) }
    let outcome: RotationOutcome =
      behind.isEmpty && unconverged.isEmpty ? .succeeded : plan.quorum.isMet(by: proven) ? .degraded : .failed
    return end(
      RotationEnding(
        outcome: outcome, passwordChanged: true, version: committedVersion, nodes: behind, controllers: unconverged,
        fault: behind.isEmpty ? unconvergedFault : unprovenFault(behind), phase: phaseName))
  }

  private var unconvergedFault: OperatorFault? {
    guard !unconverged.isEmpty else { return nil }
    return OperatorFault(
      .temporary, "account \(plan.account)",
      "the password is new, and tickets may still be issued under the key of before by \(unconverged.joined(separator: ", "))",
      remedy: "nothing: nodes keep the keys of before until it has replicated; 'asactl status' shows when")
  }

  private func unprovenFault(_ behind: [NodeName]) -> OperatorFault {
    let reasons = behind.map { "\($0) \(failed[$0] ?? silence(of: $0))" }
    return OperatorFault(
      .unavailable, "account \(plan.account)",
      "the password is new, but not every node accepts it: \(reasons.joined(separator: "; "))",
      remedy: "a node that returns is caught up by itself; 'asactl status' shows when")
  }

  private func silence(of node: NodeName) -> String {
    if lost.contains(node) { return "went away" }
    return promoted.contains(node) || plan.participants.contains(node)
      ? "did not answer in time" : "was not ready when the rotation began"
  }
}
