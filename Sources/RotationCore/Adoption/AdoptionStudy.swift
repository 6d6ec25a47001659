/// The reads of an adoption: what the directory holds, and which key of which node opens its tickets now. Nothing is changed anywhere.
struct AdoptionStudy: Sendable {
  let preflight: Preflight
  let store: any RotationStoring
  let record: AccountRecord
  let request: AdoptionRequest
  /// The attached nodes, the named one among them.
  let nodes: [NodeName]

  /// What was found.
  struct Findings: Sendable {
    var account: DirectoryAccount
    var stamp: Stamp?
    var accepted: [NodeName: RotationID]
    /// Why the other nodes accept no ticket.
    var silent: [NodeName: String]
  }

  func run() async throws(OperatorFault) -> Findings {
    let account = try await settings.directory.readAccount(settings.query(objectGUID: record.objectGUID))
    try preflight.checkWriter(account.server)
    let stamp = try stamp(in: account.stamp)
    let tickets = try await tickets(at: account.version)
    try await checkStoreCannot(open: tickets, stamp: account.stamp)
    let answers = await answers(to: tickets)
    if let refusal = answers[request.node]?.problem { throw refused(refusal, at: account.version) }
    // What was proven has to be what the stamp stands for.
    let state = try await settings.directory.readState(of: settings.query(objectGUID: account.objectGUID))
    guard state == AccountState(stamp: account.stamp, version: account.version) else {
      throw OperatorFault(.temporary, subject, "was changed in the directory meanwhile", remedy: "try again")
    }
    return Findings(
      account: account, stamp: stamp, accepted: answers.compactMapValues(\.rotation),
      silent: answers.compactMapValues(\.problem))
  }

  private var settings: ManagedAccount { preflight.settings }
  private var subject: String { "account \(settings.name)" }

  private func stamp(in raw: String?) throws(OperatorFault) -> Stamp? {
    guard let raw, let attribute = settings.stampAttribute else { return nil }
    guard let stamp = Stamp(raw) else {
      throw OperatorFault(
        .configuration, subject, "its attribute \(attribute) holds a value that is not a stamp",
        remedy: "name a free attribute as stampAttribute of the directory")
    }
    try stamp.checkCanBeFollowed(on: settings.name)
    return stamp
  }

  private func tickets(at version: KeyVersion) async throws(OperatorFault) -> [ServiceTicket] {
    var tickets: [ServiceTicket] = []
    for name in settings.ticketNames { tickets.append(try await settings.tickets.requestTicket(for: name)) }
    guard tickets.allSatisfy({ $0.version == version }) else {
      throw OperatorFault(
        .temporary, subject,
        "has kvno \(version), and tickets of kvno \(tickets.map(\.version.description).joined(separator: ", "))",
        remedy: "try again when the domain controllers agree")
    }
    return tickets
  }

  /// A store that has the directory's key itself has lost nothing.
  private func checkStoreCannot(open tickets: [ServiceTicket], stamp: String?) async throws(OperatorFault) {
    guard let latest = record.ledger.latest,
      let keys = try await store.secrets(of: latest.rotation, account: settings.name)?.keys
    else { return }
    for ticket in tickets where !(await ticket.handle.opens(with: keys)) { return }
    throw OperatorFault(
      .usage, subject,
      "there is nothing to adopt: this store's own key of kvno \(latest.version) opens the directory's tickets",
      remedy: stamp == record.knownStamp?.description ? "" : "'asactl rotate --take-over' claims it from the other claimant")
  }

  private func answers(to tickets: [ServiceTicket]) async -> [NodeName: Answer] {
    await withTaskGroup(of: (NodeName, Answer).self) { group in
      for node in nodes { group.addTask { (node, await answer(of: node, to: tickets)) } }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  /// The one key that a node opened all the tickets with, or why it did not.
  private struct Answer: Sendable {
    var rotation: RotationID?
    var problem: String?
  }

  private func answer(of node: NodeName, to tickets: [ServiceTicket]) async -> Answer {
    let proof = AcceptanceProof(account: settings.name, fleet: preflight.fleet, timeout: .seconds(10))
    var rotations: Set<RotationID> = []
    for ticket in tickets {
      let verdict = await proof.run(ticket, on: node)
      if let fault = verdict.fault {
        return Answer(
          problem: "does not accept the domain controller's ticket for \(ticket.servicePrincipalName) (\(fault.problem))")
      }
      if let rotation = verdict.rotation { rotations.insert(rotation) }
    }
    guard let rotation = rotations.first, rotations.count == 1 else {
      return Answer(problem: "does not say which of its keys opened the tickets")
    }
    return Answer(rotation: rotation)
  }

  /// The refusal names what the node presents as Latest.
  private func refused(_ problem: String, at version: KeyVersion) -> OperatorFault {
    let latest = record.holdings[request.node]?.slots.first { $0.position == .latest }
    let presented = latest.map { "; its Latest is kvno \($0.version) of rotation \($0.rotation)" } ?? ""
    return OperatorFault(
      .data, "node \(request.node)", "\(problem)\(presented); the directory has kvno \(version)",
      remedy: "nothing was adopted; name another node, see 'asactl status'")
  }
}
