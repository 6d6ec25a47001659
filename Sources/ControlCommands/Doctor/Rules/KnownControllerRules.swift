import ActiveDirectory
package import Foundation
import RotationCore

/// Judges domain controllers by what they tell to anybody, as this node sees them.
package struct KnownControllerRules {
  private let controllers: [ControllerEvidence]
  private let clock: ClockJudgement

  /// Takes what was seen.
  ///
  /// - Parameter tolerance: How far clocks may differ, in seconds.
  package init(_ controllers: [ControllerEvidence], tolerance: TimeInterval) {
    self.controllers = controllers
    clock = ClockJudgement(tolerance: tolerance)
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] { controllers.flatMap(checks) }

  private func checks(_ controller: ControllerEvidence) -> [DoctorCheck] {
    switch controller.greeting {
    case .failure(let fault):
      [
        DoctorCheck(
          controller.name, "answers",
          DoctorFinding(.controllerUnreachable, controller.name, fault.problem, ["CONTROLLER": controller.name]))
      ]
    case .success(let greeting):
      [
        DoctorCheck(controller.name, "answers", []),
        clock.check(
          controller.name, against: "this host's", offset: greeting.clockOffset,
          words: ["HOST": "this host, or of \(controller.name)"]),
      ]
    }
  }
}
