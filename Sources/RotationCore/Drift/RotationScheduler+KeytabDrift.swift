import Foundation

extension RotationScheduler {
  /// An agent has put right what somebody else had changed, perhaps before it could tell anybody.
  func keytabWasRestored(_ drift: KeytabDrift, on node: NodeName, account: AccountName) async {
    await record(
      OutcomeRecord(
        kind: .keytabRestored, time: clock.now(), account: account, nodes: [node],
        message:
          "\(node) found \(drift.path) of \(account) changed at \(Self.text(drift.foundAt)) and put it right: \(drift.problem); \(drift.consequence)."
      ))
  }
}
