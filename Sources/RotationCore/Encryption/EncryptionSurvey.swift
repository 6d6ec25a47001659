import Foundation

/// What domain controllers and nodes show of an account's encryption types.
struct EncryptionFindings: Sendable {
  /// The account on the writer.
  var account: DirectoryAccount
  /// What each domain controller issues, the writer first.
  var controllers: [ControllerEncryption]
  /// Whether Latest's keys in the store are the directory's, the salted ones included; `nil`: it cannot be told.
  var isLatestRight: Bool?
  /// Why nodes refuse tickets; `nil`: they were not tried.
  var refusals: [NodeName: String]?
}

/// Looks at an account's encryption types everywhere. It changes nothing.
struct EncryptionSurvey: Sendable {
  let settings: ManagedAccount
  let fleet: any NodeFleet
  let store: any RotationStoring
  let record: AccountRecord
  /// The nodes that count.
  let members: [NodeName]

  /// Reads the account, asks every domain controller for a ticket for every SPN, and lets the nodes try them once all are AES.
  ///
  /// - Throws: ``OperatorFault`` if the writer cannot be asked.
  func run() async throws(OperatorFault) -> EncryptionFindings {
    let account = try await settings.directory.readAccount(settings.query(objectGUID: record.objectGUID))
    let issues = await allIssues(of: account)
    var findings = EncryptionFindings(account: account, controllers: issues.map(\.summary))
    findings.isLatestRight = try await isLatestRight(account, tickets: issues.first?.tickets ?? [])
    let attribute = SupportedEncryptionTypes(account.supportedEncryptionTypes)
    if attribute.isConfined(to: EncryptionType.standard), findings.laggard == nil {
      findings.refusals = await refusals(of: issues.flatMap(\.tickets))
    }
    return findings
  }

  private struct Issue: Sendable {
    var summary: ControllerEncryption
    var tickets: [ServiceTicket] = []
  }

  private func allIssues(of account: DirectoryAccount) async -> [Issue] {
    let writer = ControllerEncryption(name: account.server.dnsHostName, isWriter: true)
    let others = settings.replicaNames(in: account).filter { record.replicas?[$0]?.isGone != true }
    let replicas = others.map { ControllerEncryption(name: $0, isWriter: false) }
    return await withTaskGroup(of: (Int, Issue).self) { group in
      for (index, controller) in ([writer] + replicas).enumerated() {
        group.addTask { (index, await issue(of: controller)) }
      }
      var issues: [Int: Issue] = [:]
      for await (index, issue) in group { issues[index] = issue }
      return issues.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func issue(of controller: ControllerEncryption) async -> Issue {
    var issue = Issue(summary: controller)
    do throws(OperatorFault) {
      let tickets = try controller.isWriter ? settings.tickets : tickets(of: controller.name)
      for name in settings.ticketNames { issue.tickets.append(try await tickets.requestTicket(for: name)) }
    } catch { issue.summary.fault = error }
    issue.summary.encryptionTypes = Set(issue.tickets.map(\.encryptionType)).sorted()
    return issue
  }

  private func tickets(of name: String) throws(OperatorFault) -> any TicketChecking {
    guard let replica = try settings.replicas?.replica(named: name) else {
      throw OperatorFault(.configuration, name, "is not a domain controller that the configuration names")
    }
    return replica.tickets
  }
}

// MARK: - Keys and nodes

extension EncryptionSurvey {
  /// A ticket shows the password; with the salt that the domain controller announces, every key follows from it.
  private func isLatestRight(
    _ account: DirectoryAccount, tickets: [ServiceTicket]
  ) async throws(OperatorFault) -> Bool? {
    guard let latest = record.ledger.latest, latest.version == account.version, !latest.isKeyless,
      let keys = try await store.secrets(of: latest.rotation, account: settings.name)?.keys
    else { return nil }
    let telling = tickets.filter { keys.hold($0.encryptionType) }
    guard !telling.isEmpty else { return nil }
    for ticket in telling where !(await ticket.handle.opens(with: keys)) { return false }
    return await salt(of: account) == keys.salt
  }

  /// What the domain controller announces; where it announces nothing, what it would use for a password that was set now.
  private func salt(of account: DirectoryAccount) async -> String {
    do throws(OperatorFault) { return try await settings.tickets.announcedSalt(of: account.samAccountName) } catch {
      return KeySalt.forNextSet(of: account, realm: settings.realm)
    }
  }

  private func refusals(of tickets: [ServiceTicket]) async -> [NodeName: String] {
    let proof = AcceptanceProof(account: settings.name, fleet: fleet, timeout: .seconds(10))
    return await withTaskGroup(of: (NodeName, String?).self) { group in
      for node in members {
        group.addTask {
          for ticket in tickets {
            guard let fault = await proof.run(ticket, on: node).fault else { continue }
            return (node, "\(node) does not accept a ticket for \(ticket.servicePrincipalName): \(fault.problem)")
          }
          return (node, nil)
        }
      }
      var refusals: [NodeName: String] = [:]
      for await (node, refusal) in group { refusals[node] = refusal }
      return refusals
    }
  }
}

extension EncryptionFindings {
  /// The first domain controller that does not issue AES tickets for every SPN.
  var laggard: ControllerEncryption? {
    controllers.first { $0.fault != nil || $0.encryptionTypes.contains(where: LegacyEncryption.isLegacy) }
  }
}
