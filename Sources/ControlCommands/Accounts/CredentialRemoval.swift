import ControlProtocol
import RotationCore
import SwiftProtobuf

/// Has the rotator tell every node of an account to destroy its keys.
struct CredentialRemoval: Sendable {
  let connection: ControlConnection

  /// Every node may take its time to write its keytabs.
  private static let patience: Duration = .seconds(120)

  /// Asks for it.
  ///
  /// - Returns: What each node destroys, and who will be refused.
  /// - Throws: As ``ControlConnection/changing(_:)``.
  func removeAll(of account: AccountName) async throws -> [String] {
    let request = Asa_Control_V1_RemoveCredentialRequest.with {
      $0.account = account.description
      $0.all = true
    }
    let reply = try await connection.changing {
      try await $0.removeCredential(request, options: ControlConnection.answered(within: Self.patience))
    }
    return reply.removed.map { "\($0.node.visible): kvno \($0.versions.map(String.init).joined(separator: ", "))" }
      + reply.warnings.map(\.visible)
  }
}
