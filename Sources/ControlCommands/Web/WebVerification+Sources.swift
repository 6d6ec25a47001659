import Configuration
import Kerberos
import RotationCore
import WebProbe

extension DirectoryAim {
  /// Where tickets for the shared name come from: the domain controllers that the aim names, or the rotator, or DNS, the one that is written to first.
  ///
  /// - Throws: ``OperatorFault`` if no domain controller is known.
  func webTickets(for target: WebTarget, of account: AccountDocument) async throws(OperatorFault) -> [WebTicketSource] {
    var sources: [(isWriter: Bool, source: WebTicketSource)] = []
    for controller in try await issuing(account.controllers) {
      let client = try kerberos(at: controller)
      let isWriter = account.controllers.contains {
        $0.writer && $0.name.comparableHostName == controller.name.comparableHostName
      }
      let source = WebTicketSource(controller: controller.name) { () async throws(OperatorFault) in
        try await client.negotiationTicket(for: target.servicePrincipalName)
      }
      sources.append((isWriter, source))
    }
    return sources.filter(\.isWriter).map(\.source) + sources.filter { !$0.isWriter }.map(\.source)
  }

  private func issuing(_ known: [ControllerDocument]) async throws(OperatorFault) -> [DirectoryConfiguration.Controller] {
    guard controllers.isEmpty, !known.isEmpty else { return try await reachable() }
    return known.map { DirectoryConfiguration.Controller(name: $0.name) }
  }
}

extension StatusDocument {
  /// The account whose key a shared name has: the one that is named, or the one that has the name's SPN.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` if there is none.
  func account(named name: String?, for target: WebTarget) throws(OperatorFault) -> AccountDocument {
    let isMeant = { (account: AccountDocument) in
      guard let name else { return account.servicePrincipalNames.contains { Self.names($0, target) } }
      return account.account.lowercased() == name.lowercased()
    }
    if let account = accounts.first(where: isMeant) { return account }
    throw OperatorFault(
      .noInput, name ?? target.servicePrincipalName.description,
      name == nil ? "is an SPN of no account of this rotator" : "is no account of this rotator",
      remedy: "check the URL, or name the account with --account; asactl status lists both")
  }

  private static func names(_ name: String, _ target: WebTarget) -> Bool {
    (try? ServicePrincipalName(name)) == target.servicePrincipalName
  }
}
