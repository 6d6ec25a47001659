import ControlProtocol
import GRPCCore
import RotationCore

/// What a failed call means to the person who made it.
struct ControlFailure {
  /// The failure in one line.
  let fault: OperatorFault

  /// Reads a gRPC status; the daemon's own fault is preferred where one came with it.
  init(_ error: RPCError, socket: ControlSocket) {
    if let carried = Asa_Control_V1_Fault(carriedBy: error) {
      fault = FaultDocument(carried).operatorFault
    } else {
      fault = Self.fault(error, socket)
    }
  }

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
