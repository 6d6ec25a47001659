/// How a rotation ended: the content of its one terminal record.
package struct RotationEnding: Sendable, Equatable, Codable {
  /// Succeeded, degraded or failed.
  package var outcome: RotationOutcome
  /// Whether the directory's password changed; `nil` if that is for somebody else to know (superseded).
  package var passwordChanged: Bool?
  /// The kvno that the directory has now, where known.
  package var version: KeyVersion?
  /// The nodes that do not hold or accept the new key, or that caused the abort.
  package var nodes: [NodeName]
  /// The domain controllers, by DNS name, that had not got the new password when it ended; `nil`: none.
  package var controllers: [String]?
  /// What has become of the older keys, where they were compromised.
  package var compromised: CompromisedKeys?
  /// Why it did not succeed.
  package var fault: OperatorFault?
  /// The phase in which it was decided.
  package var phase: String

  /// Makes an ending from its parts.
  package init(
    outcome: RotationOutcome, passwordChanged: Bool?, version: KeyVersion?, nodes: [NodeName] = [],
    controllers: [String] = [], fault: OperatorFault? = nil, phase: String
  ) {
    self.outcome = outcome
    self.passwordChanged = passwordChanged
    self.version = version
    self.nodes = nodes
    self.controllers = controllers.isEmpty ? nil : controllers
    self.fault = fault
    self.phase = phase
  }
}

extension RotationEnding {
  /// The ending in one sentence for a person.
  package func sentence(about account: AccountName) -> String {
    result(about: account) + (compromised?.sentence ?? "")
  }

  private func result(about account: AccountName) -> String {
    switch outcome {
    case .succeeded:
      return "The password of \(account) was rotated to kvno \(version.map(\.description) ?? "?"); every node accepts it."
    case .degraded:
      return "The password of \(account) was rotated to kvno \(version.map(\.description) ?? "?"); \(shortfalls)."
    case .failed:
      let state =
        switch passwordChanged {
        case false: "the password is unchanged"
        case true: "the password HAS changed"
        default: "the password was left to another rotator"
        }
      return "The rotation of \(account) failed in \(phase), \(state): \(fault?.description ?? "no reason was given")."
    }
  }

  private var shortfalls: String {
    let nodes = nodes.map(\.description).joined(separator: ", ")
    let controllers = (controllers ?? []).joined(separator: ", ")
    let parts = [
      nodes.isEmpty ? nil : "not yet accepted by \(nodes)",
      controllers.isEmpty ? nil : "not yet issued by \(controllers), so the keys of before are kept",
    ]
    return parts.compactMap(\.self).joined(separator: "; ")
  }
}
