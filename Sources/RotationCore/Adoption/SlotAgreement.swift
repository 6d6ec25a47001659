/// Which of the slots that nodes report can be believed. Pure: nothing but the reports, the ledger, and which key has just opened a domain
/// controller's tickets.
///
/// Only that key is Latest, whatever a node calls it. An older one may have been planted: it counts if two nodes say the same of it.
struct SlotAgreement: Sendable {
  /// What the store knows of its own.
  let ledger: SlotLedger
  /// The slots of every attached node.
  let reports: [NodeName: [SlotReport]]
  /// The node that was named.
  let source: NodeName
  /// The key that each node accepted fresh tickets with, by the node's own word for it.
  let accepted: [NodeName: RotationID]
  /// The directory's kvno.
  let version: KeyVersion

  /// What the slots come to.
  struct Verdict: Sendable {
    var latest: SlotReport
    var retiring: [SlotReport] = []
    var held: [SlotReport] = []
    var holders: [RotationID: [NodeName]] = [:]
    var refusals: [AdoptionReceipt.Refusal] = []
    /// The nodes that do not hold Latest.
    var lacking: [NodeName] = []
  }

  /// Judges every slot.
  ///
  /// - Throws: ``OperatorFault`` if no slot of the source is the directory's key.
  func verdict() throws(OperatorFault) -> Verdict {
    let latest = try proven()
    var verdict = Verdict(latest: latest)
    judgeLatest(&verdict)
    let known = Set(ledger.holding.map(\.rotation)).union([latest.rotation])
    let others = Set(reports.values.joined().map(\.rotation)).subtracting(known)
    for rotation in others.sorted(by: { $0.description < $1.description }) { judge(rotation, &verdict) }
    verdict.retiring.sort { $0.version > $1.version }
    verdict.held.sort { $0.version > $1.version }
    verdict.refusals.sort { ($0.node, $1.version) < ($1.node, $0.version) }
    return verdict
  }

  private func proven() throws(OperatorFault) -> SlotReport {
    guard let rotation = accepted[source], let slot = reports[source]?.first(where: { $0.rotation == rotation }) else {
      throw OperatorFault(
        .data, "node \(source)", "does not say which of its keys opened the ticket", remedy: "try again, or name another node")
    }
    guard slot.version == version else {
      throw OperatorFault(
        .data, "node \(source)",
        "accepts tickets with rotation \(rotation), which it holds as kvno \(slot.version); the directory has kvno \(version)",
        remedy: "name another node")
    }
    return slot
  }

  private func judgeLatest(_ verdict: inout Verdict) {
    let latest = verdict.latest
    for (node, slots) in reports.sorted(by: { $0.key < $1.key }) {
      guard let slot = slots.first(where: { $0.rotation == latest.rotation }) else {
        verdict.lacking.append(node)
        continue
      }
      // Keys found in keytabs have each node's own fingerprint: what opens the ticket is the same key.
      let agrees = latest.rotation.isAdopted ? accepted[node] == latest.rotation : Place(slot) == Place(latest)
      if agrees {
        verdict.holders[latest.rotation, default: []].append(node)
      } else {
        verdict.lacking.append(node)
        verdict.refusals.append(refusal(of: slot, on: node, "it is another key than the one that the directory uses"))
      }
    }
  }

  /// A slot that is in no ledger, on all nodes that have one of its name.
  private func judge(_ rotation: RotationID, _ verdict: inout Verdict) {
    let held = reports.sorted { $0.key < $1.key }.compactMap { node, slots in
      slots.first { $0.rotation == rotation }.map { (node: node, slot: $0) }
    }
    let groups = Dictionary(grouping: held) { Place($0.slot) }
    let best = groups.max { ($0.value.count, $1.key.text) < ($1.value.count, $0.key.text) }
    guard let slot = best?.value.first?.slot, let agreeing = best?.value.map(\.node) else { return }
    let reason: String? =
      if slot.version == verdict.latest.version {
        "the directory uses another key under kvno \(slot.version)"
      } else if slot.version > verdict.latest.version {
        rotation.isAdopted || groups.count > 1 ? "no write can have been meant for it" : nil
      } else {
        agreeing.count < 2 ? alone(slot) : nil
      }
    for (node, one) in held where reason != nil || !agreeing.contains(node) {
      verdict.refusals.append(refusal(of: one, on: node, reason ?? "other nodes hold another key under this rotation"))
    }
    guard reason == nil else { return }
    verdict.holders[rotation] = agreeing
    if slot.version > verdict.latest.version { verdict.held.append(slot) } else { verdict.retiring.append(slot) }
  }

  private func alone(_ slot: SlotReport) -> String {
    slot.position == .latest
      ? "it is presented as Latest, opens no ticket of the domain controller, and no second node holds it"
      : "no second node holds it"
  }

  private func refusal(of slot: SlotReport, on node: NodeName, _ reason: String) -> AdoptionReceipt.Refusal {
    AdoptionReceipt.Refusal(node: node, version: slot.version, rotation: slot.rotation, reason: reason)
  }

  /// What two nodes have to say alike of a slot.
  private struct Place: Hashable {
    var version: KeyVersion
    var fingerprint: KeyFingerprint

    init(_ slot: SlotReport) {
      version = slot.version
      fingerprint = slot.fingerprint
    }

    var text: String { "\(version) \(fingerprint)" }
  }
}
