import Foundation

// MARK: - Claim

extension RotationMachine {
  mutating func enterClaiming(at now: Date) -> [RotationAction] {
    enter(.claiming, deadline: WallClockWait(from: now, until: now.addingTimeInterval(plan.stagingSeconds)))
    return [.claim(from: plan.expected, to: plan.claim)]
  }

  mutating func claimWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterStaging(at: now)
    case .refused(_, let state) where plan.claimed(state.stamp): return recognise(state.stamp, at: now)
    case .refused(let refusal, let state) where state.stamp == plan.expected?.description:
      return giveUpClaim(refusedClaim(refusal), at: now)
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault):
      return isDeadlineOver(at: now) ? giveUpClaim(fault, at: now) : retry(at: now)
    case .unknown(let fault):
      claimInDoubt = true
      return isDeadlineOver(at: now) ? giveUpClaim(fault, at: now) : retry(at: now)
    }
  }

  /// Our own claim stands, perhaps at another epoch than planned: every later stamp of this rotation follows from the one that stands.
  private mutating func recognise(_ raw: String?, at now: Date) -> [RotationAction] {
    if let standing = raw.flatMap(Stamp.init) { plan.claim = standing }
    return enterStaging(at: now)
  }

  private mutating func giveUpClaim(_ fault: OperatorFault, at now: Date) -> [RotationAction] {
    claimInDoubt ? enterFencing(because: fault, at: now) : end(abortedBecause: fault)
  }

  private func refusedClaim(_ refusal: WriteRefusal) -> OperatorFault {
    OperatorFault(
      refusal.reason == .accessDenied ? .permission : .unavailable, plan.writer.dnsHostName,
      "refused to write the claim on \(plan.account): \(refusal.message)")
  }

  mutating func retryClaim(at now: Date) -> [RotationAction] {
    isRetryDue(at: now) ? [.claim(from: plan.expected, to: plan.claim)] : []
  }
}

// MARK: - Stage

extension RotationMachine {
  mutating func enterStaging(at now: Date) -> [RotationAction] {
    knownStamp = plan.claim
    hasStaged = true
    absentWait = nil
    announcement = plan.claim.state == .leaving ? .standing : nil
    let end = now.addingTimeInterval(plan.stagingSeconds)
    enter(.staging, deadline: WallClockWait(from: now, until: end))
    return [.stage, .wake(at: end)]
  }

  mutating func nodeWasStaged(_ node: NodeName, at now: Date) -> [RotationAction] {
    staged.insert(node)
    failed[node] = nil
    lost.remove(node)
    return decideStaging(at: now)
  }

  mutating func nodeFailedToStage(_ node: NodeName, reason: String, at now: Date) -> [RotationAction] {
    staged.remove(node)
    failed[node] = reason
    nodeCameToBeMissing(at: now)
    return decideStaging(at: now)
  }

  /// A node that has staged holds the key on its disk, attached or not.
  mutating func nodeWasLostWhileStaging(_ node: NodeName, at now: Date) -> [RotationAction] {
    guard !staged.contains(node) else { return [] }
    if lost.insert(node).inserted { nodeCameToBeMissing(at: now) }
    return decideStaging(at: now)
  }

  mutating func stagingTimerFired(at now: Date) -> [RotationAction] {
    guard isDeadlineOver(at: now) else { return announcement == nil ? [] : decideStaging(at: now) }
    if plan.quorum.isMet(by: staged) { return commitWithoutTheMissing(at: now) }
    for node in plan.participants where !staged.contains(node) && failed[node] == nil && !lost.contains(node) {
      failed[node] = "did not answer in time"
    }
    return abortStaging(at: now)
  }

  mutating func decideStaging(at now: Date) -> [RotationAction] {
    let reachable = Set(plan.quorum.members).subtracting(failed.keys)
    if !plan.quorum.isMet(by: reachable) { return abortStaging(at: now) }
    let isSettled = plan.participants.allSatisfy { staged.contains($0) || failed[$0] != nil || lost.contains($0) }
    return isSettled && plan.quorum.isMet(by: staged) ? commitWithoutTheMissing(at: now) : []
  }

  private mutating func abortStaging(at now: Date) -> [RotationAction] {
    let culprits = plan.quorum.members.compactMap { node in reason(against: node).map { (node: node, reason: $0) } }
    let reasons = culprits.map { "\($0.node) \($0.reason)" }
    let fault = OperatorFault(
      .unavailable, "account \(plan.account)", "too few nodes hold the next key: \(reasons.joined(separator: "; "))",
      remedy: "bring the node back, or lower policy.require; 'asactl nodes list' shows every node")
    return enterFencing(because: fault, nodes: culprits.map(\.node), at: now)
  }

  /// Why a node does not count; `nil` if it does, or had only not answered yet when the others had already decided.
  private func reason(against node: NodeName) -> String? {
    if staged.contains(node) { return nil }
    if let reason = failed[node] { return reason }
    if lost.contains(node) { return "went away" }
    return plan.participants.contains(node) ? nil : "is not attached"
  }
}

// MARK: - Without some

extension RotationMachine {
  /// How often the announcement is tried before the rotation is called off.
  private static let announcements = 6

  /// Nodes that may be in service and do not hold the key.
  private var missing: [NodeName] {
    Set(plan.quorum.members).union(plan.bystanders ?? []).subtracting(staged).sorted()
  }

  /// Nodes that do not hold the key must be out of service before a ticket under it can exist. The claim says so in the directory, where those
  /// that hear nothing of the rotator look; the others are told.
  mutating func commitWithoutTheMissing(at now: Date) -> [RotationAction] {
    guard let grace = plan.absentGraceSeconds, grace > 0 else { return enterCommitting() }
    switch announcement {
    case nil:
      guard !missing.isEmpty else { return enterCommitting() }
      announcement = .sent
      return [.announceAbsence(from: plan.claim, to: plan.announced)]
    case .sent: return isRetryDue(at: now) ? [.announceAbsence(from: plan.claim, to: plan.announced)] : []
    case .standing:
      guard !missing.isEmpty else { return enterCommitting() }
      if let absentWait { return absentWait.isOver(at: now) ? enterCommitting() : [] }
      let end = now.addingTimeInterval(grace)
      absentWait = WallClockWait(from: now, until: end)
      return [.leaveBehind(missing), .wake(at: end)]
    }
  }

  mutating func absenceWasAnnounced(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    guard announcement == .sent else { return [] }
    switch answer {
    case .applied: return announcementStands(at: now)
    case .refused(_, let state) where state.stamp == plan.announced.description: return announcementStands(at: now)
    case .refused(let refusal, let state) where state.stamp == plan.claim.description:
      return announceAgain(
        OperatorFault(
          .unavailable, plan.writer.dnsHostName, "refused to mark the claim on \(plan.account): \(refusal.message)"), at: now)
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault), .unknown(let fault): return announceAgain(fault, at: now)
    }
  }

  private mutating func announcementStands(at now: Date) -> [RotationAction] {
    plan.claim = plan.announced
    knownStamp = plan.claim
    announcement = .standing
    (attempts, retryWait) = (0, nil)
    return plan.quorum.isMet(by: staged) ? commitWithoutTheMissing(at: now) : decideStaging(at: now)
  }

  private mutating func announceAgain(_ fault: OperatorFault, at now: Date) -> [RotationAction] {
    attempts >= Self.announcements ? enterFencing(because: fault, at: now) : retry(at: now)
  }

  /// One more node has to see it; after the deadline nobody is given more time.
  mutating func nodeCameToBeMissing(at now: Date) {
    if !isDeadlineOver(at: now) { absentWait = nil }
  }
}
