import Foundation

// MARK: - Abort

extension RotationMachine {
  /// Without a stamp there is no late write to be fenced, as long as none was sent.
  mutating func enterFencing(
    because reason: OperatorFault, nodes: [NodeName] = [], at now: Date
  ) -> [RotationAction] {
    abort = Abort(reason: reason, nodes: nodes, phase: abort?.phase ?? phase)
    if isStampless { return enterUnstaging(at: now) }
    enter(.fencing)
    return [fence()]
  }

  func fence() -> RotationAction {
    .fence(from: fenceFromExpected ? plan.expected : plan.claim, to: plan.fence)
  }

  /// The state that was read decides, not the result code: codes of a lost compare-and-swap differ between makes of DC.
  mutating func fenceWasAnswered(_ answer: DirectoryWriteAnswer, at now: Date) -> [RotationAction] {
    switch answer {
    case .applied: return enterUnstaging(at: now)
    case .refused(_, let state) where state.stamp == plan.fence.description: return enterUnstaging(at: now)
    case .refused(_, let state) where state.stamp == plan.done.description: return enterChecking(at: now)
    case .refused(_, let state) where state.stamp == plan.announced.description && plan.claim != plan.announced:
      plan.claim = plan.announced
      fenceFromExpected = false
      return [fence()]
    case .refused(let refusal, let state) where state.stamp == plan.claim.description:
      return fenceWasRefused(refusal, isClaimStanding: true, at: now)
    case .refused(let refusal, let state) where state.stamp == plan.expected?.description:
      return fenceWasRefused(refusal, isClaimStanding: false, at: now)
    case .refused(_, let state): return standDown(before: state.stamp)
    case .notSent(let fault), .unknown(let fault): return retry(reporting: fault, at: now)
    }
  }

  /// A fence aimed at the wrong stamp is aimed anew at once; one that the DC refuses although the stamp fits waits first.
  private mutating func fenceWasRefused(
    _ refusal: WriteRefusal, isClaimStanding: Bool, at now: Date
  ) -> [RotationAction] {
    if fenceFromExpected == isClaimStanding {
      fenceFromExpected.toggle()
      return [fence()]
    }
    let fault = OperatorFault(
      refusal.reason == .accessDenied ? .permission : .unavailable, plan.writer.dnsHostName,
      "refused to withdraw the claim on \(plan.account): \(refusal.message)")
    return retry(reporting: fault, at: now)
  }

  mutating func enterUnstaging(at now: Date) -> [RotationAction] {
    knownStamp = plan.fence
    restored = []
    guard hasStaged else { return [.unstage] + finishAbort() }
    let end = now.addingTimeInterval(min(Self.unstagingSeconds, plan.stagingSeconds))
    enter(.unstaging, deadline: WallClockWait(from: now, until: end))
    return [.unstage, .wake(at: end)]
  }

  /// How long an abort waits for the nodes before its record is written; those that are away follow by themselves.
  private static let unstagingSeconds: TimeInterval = 10

  mutating func nodeWasRestored(_ node: NodeName) -> [RotationAction] {
    restored.insert(node)
    return decideRestored()
  }

  mutating func decideRestored() -> [RotationAction] {
    unrestored.isEmpty ? finishAbort() : []
  }

  /// The nodes that may still hold the next key: also those that refused it or went away may have written it.
  private var unrestored: [NodeName] { staged.union(plan.participants).subtracting(restored).sorted() }

  mutating func finishAbort() -> [RotationAction] {
    var fault = abort?.reason
    if hasStaged, !unrestored.isEmpty {
      let names = unrestored.map(\.description).joined(separator: ", ")
      fault?.problem += "; not yet back in their former slots: \(names) (they follow by themselves)"
    }
    return end(
      RotationEnding(
        outcome: .failed, passwordChanged: false, version: plan.currentVersion, nodes: abort?.nodes ?? [], fault: fault,
        phase: (abort?.phase ?? phase).rawValue))
  }

  mutating func end(abortedBecause fault: OperatorFault) -> [RotationAction] {
    end(
      RotationEnding(
        outcome: .failed, passwordChanged: false, version: plan.currentVersion, fault: fault, phase: phaseName))
  }

  /// Whether the directory took the password, or will yet, is not for this rotation to know: its key is kept.
  mutating func end(undecidedBecause fault: OperatorFault) -> [RotationAction] {
    end(RotationEnding(outcome: .failed, passwordChanged: nil, version: nil, fault: fault, phase: phaseName))
  }

  /// Another claimant stands: a superseded one falls silent, it pushes nothing, not even an un-stage.
  mutating func standDown(before stamp: String?) -> [RotationAction] {
    let fault = OperatorFault(
      .temporary, "account \(plan.account)",
      "another rotator's stamp stands: '\(stamp ?? "none")'; this rotation stands down and pushes nothing",
      remedy: "stop all rotators but one for this account, then look at 'asactl status'")
    return end(undecidedBecause: fault)
  }

  mutating func end(_ ending: RotationEnding) -> [RotationAction] {
    enter(.ended)
    return [.end(ending)]
  }
}
