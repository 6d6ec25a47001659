import RotationCore
import RotationTestSupport

extension RotationWorld {
  /// An account without the attribute whose nodes have RC4 keytabs, or whatever else is asked for.
  static func withRC4(
    policy: RotationPolicy = RotationPolicy(every: .seconds(86_400 * 30)), supported: UInt32? = nil,
    found: [EncryptionType] = [.rc4]
  ) throws -> RotationWorld {
    try RotationWorld(policy: policy, supported: supported, found: found)
  }

  /// What a driver does: rotations where they are due, until nothing more can be done at once.
  func migrate(on scheduler: RotationScheduler) async throws -> EncryptionReport {
    for _ in 1...6 {
      let report = try await scheduler.encryption(of: account, isAdvancing: true)
      guard let next = report.next, next.state == .due, next.action == .rotate else { return report }
      _ = await rotate(on: scheduler)
    }
    return try await scheduler.encryption(of: account, isAdvancing: true)
  }

  /// The types of a node's keys, by kvno.
  func types(on node: NodeName) -> [UInt32: [Int32]] {
    Dictionary(fleet[node].reports.map { ($0.version.number, $0.encryptionTypes) }, uniquingKeysWith: { first, _ in first })
  }
}

extension EncryptionReport {
  /// The states of the steps, in order.
  var states: [EncryptionStep.State] { steps.map(\.state) }

  func step(_ kind: EncryptionStep.Kind) -> EncryptionStep? { steps.first { $0.kind == kind } }
}
