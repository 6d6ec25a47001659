package import ControlProtocol
package import RotationCore

/// A failure in a JSON document.
package struct FaultDocument: Encodable, Sendable, Equatable {
  /// The class, which decides the exit code.
  package var kind: String
  /// The thing and the place.
  package var subject: String
  /// What is wrong.
  package var problem: String
  /// The way out; `null` if there is none to name.
  @NullIfAbsent package var remedy: String?

  /// Reads the daemon's fault.
  package init(_ fault: Asa_Control_V1_Fault) {
    kind = fault.kind.visible
    subject = fault.subject.visible
    problem = fault.problem.visible
    remedy = fault.remedy.visibleOrNil
  }

  /// The fault for people; a kind that this version does not know counts as the rotator's own failure (70).
  package var operatorFault: OperatorFault {
    OperatorFault(OperatorFault.Kind(rawValue: kind) ?? .software, subject, problem, remedy: remedy ?? "")
  }
}
