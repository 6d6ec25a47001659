import ControlProtocol
import RotationCore
import SwiftProtobuf

/// Turns Kerberos off for an account in the order in which the least breaks: its SPNs, its keys on nodes, the account. What is done already is
/// seen from the directory and the rotator, so that a second run goes on where the first one ended.
struct AccountRetirement: Sendable {
  let name: AccountName
  let directory: AdministeredDirectory
  /// The account; `nil` once it is deleted.
  let account: AdministeredAccount?
  /// What the rotator knows of it; `nil` if its configuration does not name it any more.
  let status: Asa_Control_V1_AccountStatus?
  /// Whether it ends deleted, and not only disabled.
  let isDeleting: Bool
  /// Has the rotator tell its nodes to destroy their keys, and gives back what to say of it.
  let removeCredentials: @Sendable (AccountName) async throws -> [String]

  /// The steps in their order.
  enum Step: String, CaseIterable, Sendable {
    /// SPNs off the account.
    case servicePrincipalNames
    /// Keys off the nodes.
    case credentials
    /// The account disabled or deleted.
    case account
  }

  /// Refuses while a rotation is under way, and an account that nobody knows.
  ///
  /// - Throws: ``OperatorFault``: `.temporary` while a rotation holds it, `.noInput` if neither the directory nor the rotator knows it.
  func check() throws(OperatorFault) {
    guard account != nil || status != nil else { throw directory.absence(of: name) }
    if let phase = status?.phase, !phase.isEmpty, phase != "idle" {
      throw OperatorFault(
        .temporary, "account \(name)", "a rotation of it is in progress (\(phase.visible))",
        remedy: "wait for its end: 'asactl status'")
    }
    if let stamp = account?.stamp.flatMap({ Stamp($0) }), stamp.state.isClaim {
      throw OperatorFault(
        .temporary, "account \(name)", "rotation \(stamp.rotation) of rotator \(stamp.rotator) holds it",
        remedy: "wait for its end; if that rotator is gone for good, 'asactl rotate --take-over' first")
    }
  }

  /// What is to be done, and what is done already.
  func plan() -> RetirementDocument {
    RetirementDocument(
      account: name.description, distinguishedName: account?.distinguishedName.visible,
      steps: Step.allCases.map { describe($0) }, reminders: reminders, dryRun: true)
  }

  /// Does one step.
  ///
  /// - Returns: What to say of it besides that it is done.
  func carryOut(_ step: Step) async throws -> [String] {
    switch step {
    case .servicePrincipalNames:
      guard let account else { return [] }
      try await directory.writer.port.removeServicePrincipalNames(account.servicePrincipalNames, from: account.objectGUID)
      return []
    case .credentials: return try await removeCredentials(name)
    case .account:
      guard let account else { return [] }
      let port = directory.writer.port
      if isDeleting { try await port.delete(account.objectGUID) } else { try await port.disable(account.objectGUID) }
      return []
    }
  }

  /// The question that is asked before a step.
  func question(_ step: RetirementDocument.Step) -> String { "\(step.consequence) \(step.detail)?" }

  private var reminders: [String] {
    guard let status else { return [] }
    let pause = "No rotation should begin meanwhile: asactl pause --account '\(name)' --reason retired"
    let shutOut = status.nodes.filter { $0.isShutOut && !$0.isWithoutKeys }.map(\.node.visible).joined(separator: ", ")
    let byHand = "\(shutOut) cannot be told to destroy anything: remove the keytab by hand wherever the machine still exists."
    return (status.hasPause ? [] : [pause]) + (shutOut.isEmpty ? [] : [byHand]) + [
      "Afterwards take it out of rotator.yaml and agent.yaml; until then the rotator reports what is missing as drift."
    ]
  }
}

// MARK: - The steps

extension AccountRetirement {
  private func describe(_ step: Step) -> RetirementDocument.Step {
    let (state, detail) =
      switch step {
      case .servicePrincipalNames: names
      case .credentials: credentials
      case .account: end
      }
    return RetirementDocument.Step(kind: step.rawValue, state: state, detail: detail, consequence: consequence(of: step))
  }

  private var names: (state: String, detail: String) {
    guard let account else { return ("already", "The account is not in the directory any more") }
    guard !account.servicePrincipalNames.isEmpty else { return ("already", "The account has no SPN") }
    let list = account.servicePrincipalNames.map(\.visible).joined(separator: ", ")
    return ("due", "Take \(list) off the account")
  }

  private var credentials: (state: String, detail: String) {
    guard let status else {
      let problem = "The rotator does not know the account, and so cannot have nodes destroy its keys"
      return ("skipped", "\(problem): remove keytabs that are left by hand")
    }
    let nodes = status.nodes.filter { !$0.isWithoutKeys && !$0.isShutOut }.map(\.node.visible)
    guard !nodes.isEmpty else { return ("already", "No node that is let in holds a key of it") }
    return ("due", "Have \(nodes.joined(separator: ", ")) destroy every key of it")
  }

  private var end: (state: String, detail: String) {
    guard let account else { return ("already", "The account is not in the directory any more") }
    if isDeleting { return ("due", "Delete \(account.distinguishedName.visible)") }
    if account.control.contains(.disabled) { return ("already", "The account is disabled") }
    return ("due", "Disable \(account.distinguishedName.visible)")
  }

  private func consequence(of step: Step) -> String {
    switch step {
    case .servicePrincipalNames: "Clients get no new tickets for these names: they fall back to NTLM, or are refused."
    case .credentials:
      "Nodes refuse the tickets that clients still hold, which end by themselves when a ticket lifetime is over."
    case .account:
      isDeleting
        ? "The account's SID and its permissions are gone for good."
        : "Nobody can sign on as the account; 'Enable-ADAccount' or 'samba-tool user enable' undoes it."
    }
  }
}

extension Asa_Control_V1_NodeSlots {
  /// Whether the rotator refuses the node's certificates.
  var isShutOut: Bool { connection == "revoked" }

  /// Whether the node holds no key that is not destroyed.
  fileprivate var isWithoutKeys: Bool { slots.allSatisfy(\.encryptionTypes.isEmpty) }
}
