import Foundation

@testable import RotationCore

/// One kind of event in the life of a slot.
struct LedgerStimulus {
  /// What it is to a slot, which may have this kvno.
  var label: (RotationID, KeyVersion?) -> String
  var happen: (inout LedgerVisit) -> Void

  private init(_ happen: @escaping (inout LedgerVisit) -> Void, label: @escaping (RotationID, KeyVersion?) -> String) {
    self.label = label
    self.happen = { visit in
      visit.now += 1
      happen(&visit)
    }
  }

  private init(_ label: String, _ happen: @escaping (inout LedgerVisit) -> Void) {
    self.init(happen) { _, _ in label }
  }

  private init(
    of subject: RotationID, _ own: String, another: String, _ happen: @escaping (inout LedgerVisit) -> Void
  ) {
    self.init(happen) { rotation, _ in rotation == subject ? own : another }
  }

  /// All kinds, for what can come after this ledger.
  static func all(for visit: LedgerVisit) -> [LedgerStimulus] {
    let common = losses(visit) + [ticketsEnded, strangerMet, strangerExpired] + convergence(visit)
    guard let plan = visit.open else { return common + [found(visit)] + stagings(visit) + surfacings(visit) + adoptions(visit) }
    return common + steps(of: plan)
  }

  // MARK: A rotation

  private static func stagings(_ visit: LedgerVisit) -> [LedgerStimulus] {
    if let slot = visit.ledger.nextReplay {
      return [staging(visit.plan(version: slot.version, replaying: slot.rotation))]
    }
    guard visit.hasRoom else { return [] }
    let newest = visit.ledger.newestKnown?.version ?? visit.currentVersion
    return Set([visit.currentVersion, newest]).sorted().map { staging(visit.plan(version: $0.next)) }
  }

  private static func staging(_ plan: RotationPlan) -> LedgerStimulus {
    let happen = { (visit: inout LedgerVisit) in
      visit.open = plan
      visit.claimed = plan.fence.epoch
      visit.ledger.wasClaimed(plan, over: [visit.report(LedgerVisit.stranger, version: plan.plannedVersion)])
      visit.ledger.wasStaged(plan, servicePrincipalNames: [])
    }
    return LedgerStimulus(happen) { rotation, version in
      if rotation == plan.slot { return "its rotation begins to stage" }
      let isOverruled = (version ?? plan.plannedVersion) >= plan.plannedVersion
      return "another rotation begins to stage, for \(isOverruled ? "its kvno or a lower one" : "a higher kvno")"
    }
  }

  private static func steps(of plan: RotationPlan) -> [LedgerStimulus] {
    [
      step(of: plan, "is fenced, and un-staged") { $0.ledger.wasUnstaged(plan, servicePrincipalNames: []) },
      step(of: plan, "is committed: a ticket opens with its key") {
        $0.ledger.wasCommitted(plan, as: plan.plannedVersion, fingerprint: plan.fingerprint, at: $0.instant)
      },
      step(of: plan, "is committed on one of two controllers") { visit in
        var plan = plan
        plan.replicas = [Stimulus.replica]
        visit.ledger.wasCommitted(plan, as: plan.plannedVersion, fingerprint: plan.fingerprint, at: visit.instant)
      },
      step(of: plan, "ends, and the directory may have its key") {
        $0.ledger.becameForeign(plan.slot, issued: nil, at: $0.instant)
      },
      step(of: plan, "ends, and a ticket shows somebody else's key under a later kvno") {
        $0.ledger.becameForeign(plan.slot, issued: plan.plannedVersion.next, at: $0.instant)
      },
    ]
  }

  private static func step(
    of plan: RotationPlan, _ what: String, _ happen: @escaping (inout LedgerVisit) -> Void
  ) -> LedgerStimulus {
    LedgerStimulus(of: plan.slot, "its rotation \(what)", another: "another rotation \(what)") { visit in
      happen(&visit)
      visit.open = nil
    }
  }

  // MARK: Time and lost controllers

  private static var ticketsEnded: LedgerStimulus {
    LedgerStimulus("no ticket under a key that is counted down can be alive") { visit in
      visit.now += LedgerVisit.ticketLifetime
      _ = visit.ledger.timePassed(to: visit.instant.time, boot: visit.instant.boot, policy: LedgerVisit.policy)
    }
  }

  /// The other controller comes to issue tickets under one of the keys, or goes back to one.
  private static func convergence(_ visit: LedgerVisit) -> [LedgerStimulus] {
    visit.ledger.slots.filter { $0.state == .live }.map { slot in
      LedgerStimulus(
        of: slot.rotation, "the other controller issues tickets under it",
        another: "the other controller issues tickets under another key"
      ) {
        $0.ledger.controllerConverged(Stimulus.replica, on: slot.rotation, at: $0.instant)
        $0.ledger.controllerFellBehind(Stimulus.replica, on: slot.rotation)
      }
    }
  }

  /// The successor of a lost controller has all passwords, or the older ones, or none of them.
  private static func losses(_ visit: LedgerVisit) -> [LedgerStimulus] {
    Set(visit.ledger.slots.map(\.version)).union([KeyVersion(1)]).sorted().map(loss)
  }

  private static func loss(successorHas successor: KeyVersion) -> LedgerStimulus {
    let happen = { (visit: inout LedgerVisit) in
      if let open = visit.open { visit.ledger.wasStranded(open) }
      visit.open = nil
      visit.ledger.writerWasLost(successorHas: successor)
    }
    return LedgerStimulus(happen) { _, version in
      let lacks = version.map { $0 > successor } ?? false
      return "the controller is lost, and its successor \(lacks ? "lacks" : "has") this password"
    }
  }

  // MARK: What is found in the directory or on nodes

  private static func found(_ visit: LedgerVisit) -> LedgerStimulus {
    let reports = [5, 6].map { visit.report(.adopted(KeyVersion($0)), version: KeyVersion($0)) }
    return LedgerStimulus("found on a node before the first rotation") { $0.ledger.keysWereAdopted(reports) }
  }

  /// A directory with a lower kvno than Latest's is behind, and while passwords are to be set again it is not asked.
  private static func surfacings(_ visit: LedgerVisit) -> [LedgerStimulus] {
    guard visit.ledger.latest != nil, visit.ledger.nextReplay == nil else { return [] }
    let known = visit.ledger.holding.filter {
      $0.version >= visit.currentVersion && $0.rotation != visit.ledger.latest?.rotation
    }.map(surfacing)
    guard visit.hasRoom else { return known }
    return known + visit.ledger.holding.map { renumbering($0, to: visit.currentVersion.next) }
  }

  private static func surfacing(_ slot: SlotLedger.Slot) -> LedgerStimulus {
    LedgerStimulus(of: slot.rotation, "the directory uses its key", another: "the directory uses another key of the ledger") {
      $0.ledger.keySurfaced(slot.rotation, awaiting: [], at: $0.instant)
    }
  }

  private static func renumbering(_ slot: SlotLedger.Slot, to version: KeyVersion) -> LedgerStimulus {
    let copy = LedgerVisit.rotation("\(slot.rotation)-k\(version)")
    let happen = { (visit: inout LedgerVisit) in
      visit.ledger.keyWasRenumbered(slot.rotation, to: version, as: copy, awaiting: [], at: visit.instant)
    }
    return LedgerStimulus(happen) { rotation, _ in
      switch rotation {
      case copy: "the directory uses a key of the ledger under this new kvno"
      case slot.rotation: "the directory uses its key under a new kvno"
      default: "the directory uses another key of the ledger under a new kvno"
      }
    }
  }

  private static func adoptions(_ visit: LedgerVisit) -> [LedgerStimulus] {
    guard visit.ledger.nextReplay == nil else { return [] }
    let known = visit.ledger.holding.map {
      adopting(SlotAgreement.Verdict(latest: visit.report($0.rotation, version: $0.version)))
    }
    guard visit.ledger.slots.isEmpty else { return known }
    let lost = [10, 9, 8].map { visit.report(LedgerVisit.rotation("lost-\($0)"), version: KeyVersion($0)) }
    return known + [adopting(SlotAgreement.Verdict(latest: lost[1], retiring: [lost[2]], held: [lost[0]]))]
  }

  private static func adopting(_ verdict: SlotAgreement.Verdict) -> LedgerStimulus {
    let happen = { (visit: inout LedgerVisit) in
      visit.ledger.slotsWereAdopted(verdict, stamp: nil, at: visit.instant)
    }
    return LedgerStimulus(happen) { rotation, _ in
      if rotation == verdict.latest.rotation { return "adopted by command: it opens a fresh ticket" }
      if verdict.retiring.contains(where: { $0.rotation == rotation }) { return "adopted by command as an older key" }
      if verdict.held.contains(where: { $0.rotation == rotation }) { return "adopted by command as a newer key" }
      return "another key is adopted by command"
    }
  }

  private static var strangerMet: LedgerStimulus {
    LedgerStimulus("met on a node, unproven, under the kvno of a key of ours") { visit in
      visit.ledger.strangersWereMet([visit.report(LedgerVisit.stranger, version: visit.currentVersion)])
    }
  }

  private static var strangerExpired: LedgerStimulus {
    LedgerStimulus("kept unasked by a node until the end that the node gave it") { visit in
      visit.now += LedgerVisit.ticketLifetime
      let report = visit.report(LedgerVisit.stranger, version: KeyVersion(1), retireAfter: Fixture.start)
      _ = visit.ledger.unlistedKeysExpired(
        [report], at: visit.instant.time, boot: visit.instant.boot, policy: LedgerVisit.policy, isLossOver: true)
    }
  }
}
