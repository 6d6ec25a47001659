/// Why a KDC gave no answer that we can use.
struct TransportFailure: Error, Equatable {
  enum Reason: Equatable {
    /// No address, no connection, a broken or a silent one.
    case unreachable
    /// It answered with something that is no KDC's answer.
    case protocolBroken
  }

  let reason: Reason
  let problem: String

  static func unreachable(_ problem: String) -> TransportFailure { TransportFailure(reason: .unreachable, problem: problem) }
}
