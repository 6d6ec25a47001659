import Foundation
import GRDB
import RotationCore

/// Holds the sealed secrets against the ledgers that need them.
struct SecretsExamination {
  let rotator: RotatorID
  let seal: Seal
  let accounts: [AccountRecord]

  func findings(in database: Database) throws -> [StoreFinding] {
    let plans = try SealedPlan.all(of: rotator, under: seal, in: database)
    let damaged = plans.filter { plan in (try? plan.read(from: database)) == nil }
    return [opening(plans, damaged), absence(from: plans), orphans(among: plans)].compactMap(\.self)
  }

  private func opening(_ plans: [SealedPlan], _ damaged: [SealedPlan]) -> StoreFinding {
    guard let first = damaged.first else {
      return .fine(.secrets, "the secrets of \(plans.count) rotations open under the key")
    }
    let fault = OperatorFault(
      .data, "secrets of rotation \(first.rotation) of \(first.account)",
      "do not open, nor those of \(damaged.count - 1) other rotations", remedy: StoreFault.waysBack)
    return .critical(
      .secrets, fault, so: "the rotator does not start with it; nodes go on accepting with the keys that they hold")
  }

  /// An open rotation cannot end without its password. A node keeps a key that the store has no copy of.
  private func absence(from plans: [SealedPlan]) -> StoreFinding? {
    let sealed = Set(plans.map(\.rotation))
    let open = accounts.compactMap { record in record.rotation.map { (record.account, $0.plan.rotation) } }
    if let (account, rotation) = open.first(where: { !sealed.contains($0.1) }) {
      let fault = OperatorFault(
        .data, "the open rotation \(rotation) of \(account)", "has no sealed password", remedy: StoreFault.waysBack)
      return .critical(.secrets, fault, so: "it can neither set its password again nor give its keys to a node")
    }
    let missing = accounts.flatMap { record in
      record.ledger.holding.filter { !$0.rotation.isAdopted && !sealed.contains($0.rotation) }.map { (record.account, $0) }
    }
    guard let (account, slot) = missing.first else { return nil }
    return .warning(
      .secrets, "the store has no copy of \(missing.count) keys that nodes hold, first kvno \(slot.version) of \(account)",
      so: "nodes keep them; a node that lost one cannot be given it again",
      remedy: "nothing after 'asactl credential adopt'; the next rotation makes keys that the store holds")
  }

  private func orphans(among plans: [SealedPlan]) -> StoreFinding? {
    let needed = Set(
      accounts.flatMap { record in
        record.ledger.slots.map(\.rotation) + [record.rotation?.plan.rotation, record.openAttempt].compactMap(\.self)
      })
    let orphans = plans.filter { !needed.contains($0.rotation) }
    guard let first = orphans.first else { return nil }
    return .warning(
      .orphans,
      "the secrets of \(orphans.count) rotations are kept that no slot needs, first \(first.rotation) of \(first.account)",
      so: "sealed keys stay on disk longer than needed; nothing else", remedy: "report it as a defect")
  }
}
