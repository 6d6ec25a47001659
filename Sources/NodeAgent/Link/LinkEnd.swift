import GRPCCore
package import RotationCore

/// How one connection to the rotator ended.
package enum LinkEnd: Sendable, Equatable {
  /// The rotator said that it does not want this agent.
  case refused(OperatorFault)
  /// The rotator could not be reached or the stream broke.
  case lost(OperatorFault)

  /// Why.
  package var fault: OperatorFault {
    switch self {
    case .refused(let fault), .lost(let fault): fault
    }
  }

  var isRefusal: Bool { if case .refused = self { true } else { false } }
}

extension LinkEnd {
  /// Sorts the status that a stream ended with.
  ///
  /// - Parameters:
  ///   - error: What the stream threw.
  ///   - rotator: The rotator's name, for the fault.
  init(_ error: RPCError, rotator: String) {
    let message = error.message.replacing("\n", with: " ").prefix(1000)
    switch error.code {
    case .alreadyExists:
      self = .refused(OperatorFault(.temporary, "rotator \(rotator)", "refused this agent: \(message)"))
    case .unauthenticated, .permissionDenied, .failedPrecondition:
      self = .refused(OperatorFault(.permission, "rotator \(rotator)", "refused this agent: \(message)"))
    default:
      self = .lost(OperatorFault(.unavailable, "rotator \(rotator)", "the link ended (\(error.code)): \(message)"))
    }
  }
}
