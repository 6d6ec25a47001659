package import GRPCCore
package import RotationCore

/// Why a stream is refused or cut: the status that the agent gets, and the sentence for people on both sides.
package struct LinkRefusal: Error, Hashable {
  /// The gRPC status.
  package var code: RPCError.Code
  /// The sentence.
  package var fault: OperatorFault

  /// Pairs a status with its sentence.
  package init(_ code: RPCError.Code, _ fault: OperatorFault) {
    self.code = code
    self.fault = fault
  }

  var rpcError: RPCError { RPCError(code: code, message: fault.description) }
}
