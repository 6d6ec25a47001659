/// Everything that stands in the way of a rotation, as far as one fault does not hide another: for whoever asks what would happen, and is not
/// to come again for each. Changes nothing.
struct ObstacleSurvey: Sendable {
  let preflight: Preflight
  let input: PreflightInput

  /// What was found.
  struct Findings: Sendable {
    /// The account; `nil`: it could not be read.
    var account: DirectoryAccount?
    var obstacles: [OperatorFault] = []
    /// What does not stand in the way.
    var warnings: [String] = []
    /// The nodes that could take part.
    var ready: [NodeName] = []
    var quorum: Quorum

    mutating func take(_ fault: OperatorFault) {
      if !obstacles.contains(fault) { obstacles.append(fault) }
    }

    mutating func check(_ body: () throws(OperatorFault) -> Void) {
      do throws(OperatorFault) { try body() } catch { take(error) }
    }
  }

  func run() async -> Findings {
    let quorum = Quorum(
      arrays: preflight.settings.arrays, requirement: preflight.settings.policy.require, without: input.unawaited)
    var findings = Findings(quorum: quorum)
    do throws(OperatorFault) {
      let account = try await preflight.settings.directory.readAccount(
        preflight.settings.query(objectGUID: input.record.objectGUID))
      findings.account = account
      let settings = preflight.settings.facing(account, record: input.record)
      let facing = ObstacleSurvey(
        preflight: Preflight(settings: settings, fleet: preflight.fleet, clock: preflight.clock), input: input)
      facing.lookAtDirectory(account, &findings)
      findings.warnings = facing.preflight.changes(of: account, since: input.record)
      let tickets = await facing.tickets(account, &findings)
      await facing.lookAtNodes(tickets, &findings)
    } catch { findings.take(error) }
    return findings
  }

  private func lookAtDirectory(_ account: DirectoryAccount, _ findings: inout Findings) {
    let (record, subject) = (input.record, "account \(preflight.settings.name)")
    findings.check { () throws(OperatorFault) in try preflight.checkSuccession(account, record: record) }
    for fault in preflight.directoryFaults(account) { findings.take(fault) }
    if let takeover = input.takeover {
      findings.check { () throws(OperatorFault) in _ = try takeover.standing(account.stamp) }
    } else {
      findings.check { () throws(OperatorFault) in
        try preflight.checkStamp(account, record: record, rotator: input.rotator)
        try preflight.checkStoreIsNotNew(input, subject: subject)
        try preflight.checkNoNodeIsAhead(input, subject: subject)
      }
    }
    findings.check { () throws(OperatorFault) in try preflight.checkSlots(record.ledger, subject: subject) }
    findings.check { () throws(OperatorFault) in try preflight.checkHeldKeys(account, record: record) }
  }

  /// Of a name that is not on the account, that it has no ticket says nothing more.
  private func tickets(_ account: DirectoryAccount, _ findings: inout Findings) async -> [ServiceTicket] {
    var tickets: [ServiceTicket] = []
    let unregistered = preflight.settings.unregisteredNames(in: account)
    for name in preflight.settings.ticketNames where !unregistered.contains(name) {
      do throws(OperatorFault) { tickets.append(try await preflight.ticket(for: name)) } catch { findings.take(error) }
    }
    // Without one the other controllers would be asked for what there is not.
    guard !tickets.isEmpty else { return [] }
    do throws(OperatorFault) {
      findings.warnings +=
        try await preflight.replicas(account, input, tickets: tickets, isTakeover: input.takeover != nil).warnings
    } catch { findings.take(error) }
    return tickets
  }

  /// Nodes that are not ready stand in the way only where too few are left. Without a ticket nothing can be said of their keys.
  private func lookAtNodes(_ tickets: [ServiceTicket], _ findings: inout Findings) async {
    let members = findings.quorum.members
    let displaced = await preflight.displacedKey(input, tickets: tickets)
    var unready: [NodeName: String] = [:]
    if tickets.isEmpty {
      for node in members { unready[node] = preflight.reportedProblem(of: node, input: input) }
    } else {
      unready = await preflight.readiness(of: members, input: input, tickets: tickets, displaced: displaced)
        .compactMapValues(\.problem)
    }
    findings.ready = members.filter { unready[$0] == nil }
    guard !findings.quorum.isMet(by: Set(findings.ready)) else {
      let foreign = displaced == nil ? nil : tickets.first
      findings.warnings += preflight.warnings(input: input, unready: unready, foreign: foreign)
      return
    }
    for (node, problem) in unready.sorted(by: { $0.key < $1.key }) {
      findings.take(
        OperatorFault(
          .unavailable, "node \(node)", problem,
          remedy: "bring it back, revoke it with 'asactl nodes revoke', or lower policy.require"))
    }
  }
}
