import Foundation
import RotationCore
import SecretMemory

/// A rotation played event by event; what it wants done is read back in words.
struct Script {
  static let nodes = ["cas-1", "cas-2", "cas-3"].compactMap { try? NodeName($0) }
  static let fault = OperatorFault(.unavailable, "dc1", "does not answer")

  var machine: RotationMachine
  var now = Date(timeIntervalSince1970: 1_750_000_000)

  init(
    require: RotationPolicy.Requirement = .all, participants: [NodeName] = Script.nodes, expected: Stamp? = Script.formerStamp,
    absentGrace: TimeInterval? = nil
  ) {
    var plan = Self.plan(require: require, participants: participants, expected: expected)
    plan.absentGraceSeconds = absentGrace
    machine = RotationMachine(plan: plan)
  }

  /// A rotation brought to a phase by the shortest way.
  init(at phase: RotationMachine.Phase, require: RotationPolicy.Requirement = .all) {
    self.init(require: require)
    for event in Self.path(to: phase) { _ = machine.handle(event, at: now) }
  }

  var plan: RotationPlan { machine.plan }

  mutating func after(_ events: RotationEvent...) -> [String] {
    events.flatMap { machine.handle($0, at: now) }.compactMap(\.words)
  }

  mutating func wait(_ seconds: TimeInterval) { now += seconds }

  /// A daemon that died and came back with what was durable.
  mutating func restart() throws -> [String] {
    machine = try JSONDecoder().decode(RotationMachine.self, from: JSONEncoder().encode(machine))
    return after(.restarted)
  }

  static let ours = RotatorID("rotator-1")
  static let objectGUID = UUID()
  static let rotation = RotationID("rotation-1")
  static let fingerprint = KeyFingerprint("00112233445566778899aabbccddeeff")

  static var formerStamp: Stamp? { stamp(1, "rotation-0", .done) }
  static var foreignStamp: Stamp? {
    guard let rotation = RotationID("rotation-x"), let other = RotatorID("rotator-x") else { return nil }
    return Stamp(epoch: Epoch(era: 1, number: 9), rotation: rotation, state: .claimed, rotator: other)
  }

  static func stamp(_ number: UInt64, _ rotation: String, _ state: Stamp.State) -> Stamp? {
    guard let rotation = RotationID(rotation), let ours else { return nil }
    return Stamp(epoch: Epoch(era: 1, number: number), rotation: rotation, state: state, rotator: ours)
  }

  static func path(to phase: RotationMachine.Phase) -> [RotationEvent] {
    let staged = nodes.map { RotationEvent.nodeStaged($0) }
    let claimed: [RotationEvent] = [.planWasRecorded, .claimAnswered(.applied)]
    switch phase {
    case .planned: return []
    case .claiming: return [.planWasRecorded]
    case .staging: return claimed
    case .committing: return claimed + staged
    case .outcomeUnknown: return claimed + staged + [.commitAnswered(.unknown(fault))]
    case .fencing: return claimed + [.nodeStaged(nodes[0]), .nodeFailed(nodes[1], reason: "is full")]
    case .unstaging: return path(to: .fencing) + [.fenceAnswered(.applied)]
    case .checking: return claimed + staged + [.commitAnswered(.applied)]
    case .proving: return path(to: .checking) + [.commitWasChecked(proven)]
    case .ended: return path(to: .unstaging) + nodes.map { .nodeRestored($0) }
    }
  }

  static var proven: CommitEvidence { .proven(KeyVersion(8), fingerprint ?? unusedFingerprint) }
  private static var unusedFingerprint: KeyFingerprint {
    KeyFingerprint(of: AccountKeys(keys: [], salt: nil), under: .random(count: 1))
  }

  static func plan(require: RotationPolicy.Requirement, participants: [NodeName], expected: Stamp?) -> RotationPlan {
    let rotation = Self.rotation ?? .make()
    let rotator = ours ?? .make()
    return RotationPlan(
      rotation: rotation, account: Fixture.account, objectGUID: objectGUID, expected: expected,
      claim: Stamp(epoch: Epoch(era: 1, number: 2), rotation: rotation, state: .claimed, rotator: rotator),
      currentVersion: KeyVersion(7), plannedVersion: KeyVersion(8), fingerprint: fingerprint ?? unusedFingerprint,
      encryptionTypes: [.aes256, .aes128],
      writer: DirectoryServer(
        dnsHostName: "dc1.lab.example", serviceIdentity: "dc1", invocationID: "", isPDCEmulator: true, clockOffset: 0,
        securityStrength: 256),
      participants: participants, quorum: Quorum(arrays: ["mail": nodes], requirement: require, without: []),
      plannedAt: Date(timeIntervalSince1970: 1_750_000_000), stagingSeconds: 60, proofSeconds: 60)
  }
}

extension DirectoryWriteAnswer {
  /// Refused with this stamp standing.
  static func refused(_ reason: WriteRefusal.Reason, standing stamp: Stamp?) -> DirectoryWriteAnswer {
    .refused(WriteRefusal(reason, "scripted"), AccountState(stamp: stamp?.description, version: KeyVersion(7)))
  }

  static let unknown = DirectoryWriteAnswer.unknown(Script.fault)
  static let notSent = DirectoryWriteAnswer.notSent(Script.fault)
}

extension RotationAction {
  /// The action in words; `nil` for a timer, which is not for others to see.
  var words: String? {
    switch self {
    case .claim: "claim"
    case .stage: "stage"
    case .commit: "commit"
    case .fence(let from, _): "fence from \(from?.state.rawValue ?? "nothing")"
    case .announceAbsence: "announce"
    case .leaveBehind(let nodes): "leave behind \(nodes.map(\.description).joined(separator: " "))"
    case .unstage: "unstage"
    case .checkCommit: "check"
    case .promote(let version, _): "promote \(version)"
    case .holdForeign: "hold"
    case .prove(let node): "prove \(node)"
    case .wake: nil
    case .reportUnknown: "report"
    case .end(let ending): "\(ending.outcome), \(ending.change)"
    }
  }
}

extension RotationEnding {
  /// What became of the password, in words.
  var change: String {
    switch passwordChanged {
    case true?: "password new"
    case false?: "password as it was"
    case nil: "left to another"
    }
  }
}
