import ControlProtocol
import GRPCCore
import RotationCore

/// What a failed call means to the person who made it.
struct ControlFailure {
  /// The failure, one line each; never empty.
  let faults: [OperatorFault]

  /// Reads a gRPC status; the daemon's own faults are preferred where some came with it.
  init(_ error: RPCError, socket: ControlSocket) {
    let carried = Asa_Control_V1_Fault.all(carriedBy: error).map { FaultDocument($0).operatorFault }
    faults = carried.isEmpty ? [Self.fault(error, socket)] : carried
  }

  /// What to throw.
  var error: any Error { SeveralFaults.combining(faults) }

  private static func fault(_ error: RPCError, _ socket: ControlSocket) -> OperatorFault {
    switch error.code {
    case .unavailable, .cancelled, .aborted:
      OperatorFault(
        .unavailable, "asa-rotatord", "the connection on \(socket.path) ended before the answer came",
        remedy: "look at systemctl status asa-rotatord")
    case .deadlineExceeded:
      OperatorFault(
        .unavailable, "asa-rotatord", "no answer on \(socket.path) in time", remedy: "look at systemctl status asa-rotatord")
    case .unimplemented:
      OperatorFault(
        .protocol, "asa-rotatord", "does not know this request",
        remedy: "install asactl and asa-rotatord of the same version, and restart asa-rotatord")
    default:
      OperatorFault(kind(error.code), "asa-rotatord", error.message.visible.isEmpty ? "refused" : error.message.visible)
    }
  }

  private static func kind(_ code: RPCError.Code) -> OperatorFault.Kind {
    switch code {
    case .invalidArgument, .outOfRange: .usage
    case .notFound: .noInput
    case .alreadyExists: .cannotCreate
    case .permissionDenied, .unauthenticated: .permission
    case .resourceExhausted, .failedPrecondition: .temporary
    case .dataLoss: .inputOutput
    default: .software
    }
  }
}

/// A refusal for more than one reason. The first one decides the exit code.
struct SeveralFaults: Error {
  /// The reasons; never empty.
  let faults: [OperatorFault]

  /// One fault as it is, or several with the worst first.
  static func combining(_ faults: [OperatorFault]) -> any Error {
    if faults.count == 1 { return faults[0] }
    return SeveralFaults(faults: faults.sorted { $0.kind.exitCode > $1.kind.exitCode })
  }
}
