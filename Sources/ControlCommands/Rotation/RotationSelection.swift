import ControlProtocol
import RotationCore
import SwiftProtobuf

/// Finds out which accounts are to be rotated.
struct RotationSelection {
  let connection: ControlConnection
  /// The one that was named.
  let account: String?
  /// The nodes that were named.
  let scope: Asa_Control_V1_Scope?

  /// The accounts for the wire; one empty name for the only one that is configured.
  ///
  /// - Parameter refusesLeftOut: Whether nothing is to begin if one of them has nodes outside of the scope. Without that the rotator itself refuses
  ///   each such account.
  /// - Throws: `OperatorFault` of the rotator for a name that fits nothing; `SeveralFaults` for accounts that would leave nodes behind.
  func accounts(refusesLeftOut: Bool) async throws -> [String] {
    guard let scope else { return [account ?? ""] }
    let reply = try await connection.reading { try await $0.resolveScope(scope, options: ControlConnection.brief) }
    let chosen = reply.accounts.filter { account == nil || $0.account.lowercased() == account?.lowercased() }
    let faults = chosen.filter(\.hasFault).map { FaultDocument($0.fault).operatorFault }
    if refusesLeftOut, !faults.isEmpty { throw SeveralFaults.combining(faults) }
    return chosen.isEmpty ? [account ?? ""] : chosen.map(\.account)
  }
}
