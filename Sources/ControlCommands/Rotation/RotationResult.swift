import RotationCore

/// What is left of a rotation's events when the stream has ended.
struct RotationResult: Sendable {
  private(set) var plan: RotationPlan?
  private var outcome: RotationOutcome?
  private var refusal: FaultDocument?
  private var failure: OperatorFault?

  /// Takes an event.
  mutating func note(_ event: RotationEvent) {
    switch event.content {
    case .planned(let plan): self.plan = plan
    case .ended(let outcome): self.outcome = outcome
    case .fault(let fault): refusal = fault
    case .phase, .node: break
    }
  }

  /// The daemon could not be asked, or went away.
  mutating func failed(with fault: OperatorFault) { failure = fault }

  /// The account as the daemon named it.
  var account: String { plan?.account ?? "" }

  /// The kvnos that the plan destroys.
  var droppedVersions: [UInt32] { plan?.droppedVersions ?? [] }

  /// Turns anything but success into a fault; degraded is a success with a warning.
  ///
  /// - Throws: `OperatorFault`: the daemon's own, or of kind `.unavailable` if the end never came.
  func conclude(warning: (String) -> Void) throws(OperatorFault) {
    guard let outcome else { throw refusal?.operatorFault ?? failure ?? Self.endUnknown }
    switch outcome.outcome {
    case "succeeded", "planned": return
    case "degraded": warning(degradation(outcome))
    default: throw outcome.fault?.operatorFault ?? OperatorFault(.software, subject, outcome.message)
    }
  }

  private var subject: String { account.isEmpty ? "rotation" : account }

  private func degradation(_ outcome: RotationOutcome) -> String {
    let behind = outcome.nodesBehind + outcome.controllersBehind
    let what = behind.isEmpty ? outcome.message : "behind: \(behind.joined(separator: ", "))"
    let next =
      outcome.controllersBehind.isEmpty
      ? "they are caught up when they return" : "old keys are kept until they have caught up"
    return "warning: \(subject): \(what); \(next), watch with asactl status"
  }

  private static let endUnknown = OperatorFault(
    .unavailable, "asa-rotatord", "the stream ended before the outcome was known",
    remedy: "it resumes by itself when it runs again; look at asactl status and asactl history")
}
