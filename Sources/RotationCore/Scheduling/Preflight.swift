import Foundation
import SecretMemory

/// What the scheduler knows of the nodes when a preflight starts.
struct PreflightInput: Sendable {
  var rotation: RotationID
  var record: AccountRecord
  var rotator: RotatorID
  var attached: Set<NodeName>
  var revoked: Set<NodeName>
  /// Those that rotations do not wait for: revoked and excluded ones.
  var unawaited: Set<NodeName> = []
  /// What nodes last said of programs that have not loaded the newest key.
  var consumerFaults: [NodeName: String] = [:]
  var clockOffsets: [NodeName: TimeInterval]
  /// Whether the newest order has only just gone out: nodes that have not answered it yet are busy with it.
  var isOrderFresh = false
  /// The sealed keys of the newest slot that the directory is known to have had, where the store has them.
  var newestKeys: AccountKeys?
  /// Set where the claim shall replace another claimant's.
  var takeover: Takeover?
  /// Whether somebody only wants to know: nodes take no note of the tickets that they try.
  var isTrial = false
}

/// What a preflight found to be true; the plan is made from it.
struct PreflightFindings: Sendable {
  var account: DirectoryAccount
  var quorum: Quorum
  var participants: [NodeName]
  /// The rotations, adopted ones among them, whose key has just opened a ticket on some node.
  var proven: Set<RotationID>
  var warnings: [String]
  /// The stamp that the claim replaces, in a takeover.
  var takenOver: Stamp?
  /// The other domain controllers, which get the password by replication.
  var replicas: [String] = []
  /// Those of them that may lag.
  var behind: [String] = []
  /// The encryption types that keys have to be made of.
  var encryptionTypes: [EncryptionType] = []
  /// Whether the account has no SPN yet, so that tickets of its own name have to do.
  var awaitsNames = false
}

/// How the reads ended, and what the stamp among them says of this store.
struct PreflightOutcome: Sendable {
  var result: Result<PreflightFindings, OperatorFault>
  /// Why the account is not this store's to order about; `nil` if it is, as far as was read.
  var superseded: OperatorFault?
  /// All that stands in the way, where somebody only wants to know.
  var survey: ObstacleSurvey.Findings?
}

/// Whether a node can take part, and which of its keys has shown it.
struct NodeReadiness: Sendable {
  var problem: String?
  var proven: RotationID?
}

/// The reads before a rotation. Nothing is changed, and every refusal names the thing, the place and the way out.
struct Preflight: Sendable {
  let settings: ManagedAccount
  let fleet: any NodeFleet
  let clock: any PolicyClock

  func run(_ input: PreflightInput) async -> PreflightOutcome {
    let account: DirectoryAccount
    do throws(OperatorFault) {
      account = try await settings.directory.readAccount(settings.query(objectGUID: input.record.objectGUID))
    } catch { return PreflightOutcome(result: .failure(error)) }
    let superseded = supersession(by: account, record: input.record, rotator: input.rotator)
    let preflight = Preflight(settings: settings.facing(account, record: input.record), fleet: fleet, clock: clock)
    do throws(OperatorFault) {
      return PreflightOutcome(result: .success(try await preflight.findings(on: account, input)), superseded: superseded)
    } catch { return PreflightOutcome(result: .failure(error), superseded: superseded) }
  }

  private func findings(
    on account: DirectoryAccount, _ input: PreflightInput
  ) async throws(OperatorFault) -> PreflightFindings {
    let subject = "account \(settings.name)"
    try checkSuccession(account, record: input.record)
    let takenOver = try input.takeover?.standing(account.stamp)
    try checkDirectory(account)
    if takenOver == nil {
      try checkStamp(account, record: input.record, rotator: input.rotator)
      try checkStoreIsNotNew(input, subject: subject)
      try checkNoNodeIsAhead(input, subject: subject)
    }
    try checkSlots(input.record.ledger, subject: subject)
    try checkHeldKeys(account, record: input.record)
    var tickets: [ServiceTicket] = []
    for name in settings.ticketNames { tickets.append(try await ticket(for: name)) }
    let replicas = try await replicas(account, input, tickets: tickets, isTakeover: takenOver != nil)
    let quorum = Quorum(arrays: settings.arrays, requirement: settings.policy.require, without: input.unawaited)
    let displaced = await displacedKey(input, tickets: tickets)
    let readiness = await readiness(of: quorum.members, input: input, tickets: tickets, displaced: displaced)
    let unready = readiness.compactMapValues(\.problem)
    let participants = quorum.members.filter { unready[$0] == nil }
    let proven = Set(readiness.values.compactMap(\.proven))
    try checkKnown(proven, to: input.record.ledger, subject: subject)
    // First: a key that is not ours would have every node refuse, too.
    try await input.takeover?.checkLatest(at: account.version, tickets: tickets, proven: proven)
    try checkQuorum(quorum, participants: participants, unready: unready, subject: subject)
    return PreflightFindings(
      account: account, quorum: quorum, participants: participants, proven: proven,
      warnings: warnings(input: input, unready: unready, foreign: displaced == nil ? nil : tickets.first)
        + (takenOver.map { [$0.takeoverWarning] } ?? []) + changes(of: account, since: input.record) + replicas.warnings,
      takenOver: takenOver, replicas: replicas.names, behind: replicas.behind,
      encryptionTypes: settings.stagedTypes(
        under: SupportedEncryptionTypes(account.supportedEncryptionTypes),
        issued: replicas.issued.union(tickets.map(\.encryptionType))),
      awaitsNames: settings.awaitsNames)
  }

  /// What the keys and tickets depend on and somebody has changed since the last rotation: this one takes it as it is.
  func changes(of account: DirectoryAccount, since record: AccountRecord) -> [String] {
    let drift =
      record.baseline?.drift(to: AccountBaseline(account, realm: settings.realm), settings: settings, record: record) ?? []
    return drift.map(\.description)
  }

  func replicas(
    _ account: DirectoryAccount, _ input: PreflightInput, tickets: [ServiceTicket], isTakeover: Bool
  ) async throws(OperatorFault) -> ReplicaSurvey.Findings {
    var keys: AccountKeys?
    if let newest = input.newestKeys, let ticket = tickets.first, await ticket.handle.opens(with: newest) { keys = newest }
    return try await ReplicaSurvey(settings: settings, now: clock.now()).run(
      account, record: input.record, keys: keys, isTakeover: isTakeover)
  }
}

// MARK: - Directory

extension Preflight {
  /// Everything that can be told from the account and its domain controller alone.
  func checkDirectory(_ account: DirectoryAccount) throws(OperatorFault) {
    if let fault = directoryFaults(account).first { throw fault }
  }

  /// Throws unless the stamp is one that this store can account for.
  func checkStamp(_ account: DirectoryAccount, record: AccountRecord, rotator: RotatorID) throws(OperatorFault) {
    guard let attribute = settings.stampAttribute else { return }
    try StampCheck(
      account: settings.name, attribute: attribute, rotator: rotator, known: record.knownStamp, open: nil,
      hasLatest: record.ledger.latest != nil
    ).check(account.stamp)
  }

  /// Why another rotator, or a newer store, holds the account; `nil` if none does. An attribute that somebody has cleared is no claim, and an
  /// earlier stamp of our own tells of a domain controller that is behind.
  func supersession(by account: DirectoryAccount, record: AccountRecord, rotator: RotatorID) -> OperatorFault? {
    guard account.stamp.flatMap(Stamp.init) != nil, !record.isOutdated(account.stamp, rotator: rotator) else { return nil }
    do throws(OperatorFault) { try checkStamp(account, record: record, rotator: rotator) } catch { return error }
    return nil
  }

  /// Another writer than before must have everything that the one before was given: what it lacks may still come.
  func checkSuccession(_ account: DirectoryAccount, record: AccountRecord) throws(OperatorFault) {
    guard let writer = record.writer, writer.identity != account.server.identity else { return }
    let hasEverything =
      account.stamp == record.knownStamp?.description
      && record.ledger.latest.map { $0.version == account.version } ?? true
    guard hasEverything else {
      throw OperatorFault(
        .temporary, account.server.dnsHostName,
        "has not received the last rotation of \(settings.name), which was made on \(writer.dnsHostName) (\(writer.identity))",
        remedy:
          "wait until it has replicated; if \(writer.dnsHostName) is gone for good: 'asactl dc forget \(writer.dnsHostName)'")
    }
  }

  /// Throws unless passwords can be sent to a domain controller.
  func checkWriter(_ server: DirectoryServer) throws(OperatorFault) {
    if let fault = writerFaults(server).first { throw fault }
  }

  /// Keys that were found on nodes do not count: nothing can be done about them but to wait until they end.
  func checkSlots(_ ledger: SlotLedger, subject: String) throws(OperatorFault) {
    guard ledger.nextReplay == nil else { return }
    let made = ledger.holding.count { !$0.rotation.isAdopted }
    guard made < settings.policy.slotLimit else {
      throw OperatorFault(
        .temporary, subject,
        "already has \(made) keys that tickets may depend on, the limit is \(settings.policy.slotLimit)",
        remedy: ledger.laggards.isEmpty
          ? "wait until the oldest retires, see 'asactl status', or raise policy.slotLimit"
          : "they are kept for \(ledger.laggards.joined(separator: ", ")): let it replicate, or 'asactl dc forget' it if it is gone for good; or raise policy.slotLimit"
      )
    }
  }

  func checkHeldKeys(_ account: DirectoryAccount, record: AccountRecord) throws(OperatorFault) {
    let obstacle = record.heldKeyObstacle(
      to: account.version.next, at: clock.now(), boot: clock.bootInstant(), policy: settings.policy)
    guard record.ledger.nextReplay(above: account.version) == nil, let obstacle else { return }
    throw obstacle
  }

  /// Nodes that follow orders while this store knows of no key have had another store: also where somebody has cleared the stamp.
  func checkStoreIsNotNew(_ input: PreflightInput, subject: String) throws(OperatorFault) {
    guard input.record.ledger.latest == nil, input.record.highestEpoch == .zero else { return }
    let follower = input.record.holdings.filter { $0.value.epoch > .zero }.keys.min()
    guard let follower else { return }
    throw OperatorFault(
      .data, subject, "storeBehind: this store is new, and \(follower) follows orders of another one",
      remedy: "'asactl credential adopt --from NODE' takes the keys from a node")
  }

  /// One node that follows newer orders is enough, however few are required: what was set under those, a lost domain controller may have issued
  /// tickets under.
  func checkNoNodeIsAhead(_ input: PreflightInput, subject: String) throws(OperatorFault) {
    let ahead = input.record.holdings.filter { node, holding in
      settings.nodes.contains(node) && !input.revoked.contains(node) && holding.epoch > input.record.highestEpoch
    }
    guard let (node, holding) = ahead.min(by: { $0.key < $1.key }) else { return }
    throw OperatorFault(
      .data, subject,
      "storeBehind: \(node) follows orders of epoch \(holding.epoch), and the last that this store gave is \(input.record.highestEpoch)",
      remedy:
        "stop the other rotator, if there is one; bring back the newest store, or 'asactl credential adopt --from NODE', or 'asactl dc forget' where a domain controller is lost"
    )
  }

  /// The key that nodes have just proven has to be one that the store knows, or one found in a keytab: any other was made by a rotation of a
  /// store that is lost, and would end on the nodes with the next order.
  private func checkKnown(_ proven: Set<RotationID>, to ledger: SlotLedger, subject: String) throws(OperatorFault) {
    let unknown = proven.first { rotation in !rotation.isAdopted && !ledger.slots.contains { $0.rotation == rotation } }
    guard let unknown else { return }
    throw OperatorFault(
      .data, subject, "storeBehind: nodes accept with the key of rotation \(unknown), which this store does not know",
      remedy: "'asactl credential adopt --from NODE' takes the keys from a node")
  }

  func ticket(for name: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    let ticket = try await settings.tickets.requestTicket(for: name)
    guard EncryptionType(rawValue: ticket.encryptionType) != nil else {
      throw OperatorFault(
        .data, "SPN \(name)",
        "the domain controller issues tickets with \(EncryptionType.displayName(ticket.encryptionType)), for which no key would be made",
        remedy: "set msDS-SupportedEncryptionTypes of \(settings.name) to 24 (AES256 and AES128)")
    }
    try settings.checkLife(of: ticket, from: "the domain controller", at: clock.now())
    return ticket
  }

  static func seconds(_ duration: Duration) -> TimeInterval { TimeInterval(duration.components.seconds) }

  static func offsetText(_ offset: TimeInterval) -> String { "\(Int(abs(offset))) s \(offset < 0 ? "behind" : "ahead")" }
}

// MARK: - Nodes

extension Preflight {
  func readiness(
    of nodes: [NodeName], input: PreflightInput, tickets: [ServiceTicket], displaced: RotationID?
  ) async -> [NodeName: NodeReadiness] {
    let isOnboarding = nodes.allSatisfy { input.record.holdings[$0]?.slots.isEmpty ?? true }
    return await withTaskGroup(of: (NodeName, NodeReadiness).self) { group in
      for node in nodes {
        group.addTask {
          let isExcused = isExcused(node, displaced: displaced, input: input)
          return (
            node, await readiness(of: node, input: input, tickets: tickets, isOnboarding: isOnboarding, isExcused: isExcused)
          )
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private func readiness(
    of node: NodeName, input: PreflightInput, tickets: [ServiceTicket], isOnboarding: Bool, isExcused: Bool
  ) async -> NodeReadiness {
    if let problem = reportedProblem(of: node, input: input) { return NodeReadiness(problem: problem) }
    let slots = input.record.holdings[node]?.slots ?? []
    if isExcused { return NodeReadiness() }
    guard slots.isEmpty else { return await proof(on: node, tickets: tickets, isTrial: input.isTrial) }
    return NodeReadiness(
      problem: isOnboarding
        ? nil : "holds no key of the account while other nodes do; copy a healthy node's keytab to it and restart its agent")
  }

  /// The newest key that the directory is known to have had, if somebody else's password reset has displaced it there; `nil` if none did. No
  /// node can open the DC's tickets then, whichever key of ours it holds, and a new password of ours is the cure, so that must not stand in its
  /// way. Of a key that is sealed here the ticket itself tells: two resets on two DCs may end under the same kvno.
  func displacedKey(_ input: PreflightInput, tickets: [ServiceTicket]) async -> RotationID? {
    guard let newest = input.record.ledger.newestKnown, !newest.rotation.isAdopted, let ticket = tickets.first,
      ticket.version >= newest.version
    else { return nil }
    guard let keys = input.newestKeys else { return ticket.version > newest.version ? newest.rotation : nil }
    return await ticket.handle.opens(with: keys) ? nil : newest.rotation
  }

  private func isExcused(_ node: NodeName, displaced: RotationID?, input: PreflightInput) -> Bool {
    if input.record.isWithheld(from: node) { return true }
    return displaced.map { newest in input.record.holdings[node]?.slots.contains { $0.rotation == newest } ?? false } ?? false
  }

  func reportedProblem(of node: NodeName, input: PreflightInput) -> String? {
    guard input.attached.contains(node) else { return "is not attached" }
    guard let holding = input.record.holdings[node] else { return "has not said what it holds" }
    if let fault = holding.fault ?? input.consumerFaults[node] { return fault }
    if let offset = input.clockOffsets[node], abs(offset) > Self.seconds(settings.policy.clockSkew) {
      return "has a clock that is \(Self.offsetText(offset)); synchronise it"
    }
    // Nobody is given orders by a rotator that has lost the account: the claim that takes it back brings the next one.
    let isBusy = input.isOrderFresh && holding.epoch == input.record.ledger.epoch
    return input.takeover == nil && !isBusy && !input.record.isWithheld(from: node) && holding.isBehind(input.record.ledger)
      ? "has not applied the last order yet" : nil
  }

  /// A node is ready if one of its keys opens a ticket that the DC issues now; SPNs that its keytab lacks arrive with the next order.
  private func proof(on node: NodeName, tickets: [ServiceTicket], isTrial: Bool) async -> NodeReadiness {
    let proof = AcceptanceProof(account: settings.name, fleet: fleet, isTrial: isTrial, timeout: .seconds(10))
    var problem = "no ticket could be tried"
    for ticket in tickets {
      let verdict = await proof.run(ticket, on: node)
      guard let fault = verdict.fault else {
        return NodeReadiness(proven: verdict.rotation ?? .adopted(ticket.version))
      }
      // Its silence costs the whole timeout, and it would be as silent about the other tickets.
      if fault.kind == .unavailable { return NodeReadiness(problem: "does not answer") }
      // For want of a key, or by a clock that takes it for an old one: the node's own sentence tells.
      problem = "does not accept the DC's ticket for \(ticket.servicePrincipalName) (\(fault.problem))"
    }
    return NodeReadiness(problem: problem)
  }

  private func checkQuorum(
    _ quorum: Quorum, participants: [NodeName], unready: [NodeName: String], subject: String
  ) throws(OperatorFault) {
    guard !quorum.isMet(by: Set(participants)) else { return }
    let reasons = unready.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    throw OperatorFault(
      .unavailable, subject,
      "\(participants.count) of \(quorum.members.count) nodes are ready, \(quorum.requiredCount) are required: \(reasons.joined(separator: "; "))",
      remedy: "bring the node back, revoke it with 'asactl nodes revoke', or lower policy.require")
  }

  func warnings(input: PreflightInput, unready: [NodeName: String], foreign ticket: ServiceTicket?) -> [String] {
    var warnings = unready.sorted { $0.key < $1.key }.map {
      "\($0.key) \($0.value): it is left behind and caught up when it returns"
    }
    if input.record.ledger.latest == nil, input.record.holdings.values.allSatisfy(\.slots.isEmpty) {
      warnings.append("no node holds a key of the account yet: clients are accepted only after this rotation")
    }
    if settings.awaitsNames {
      warnings.append(
        "its SPNs are not registered yet (\(settings.awaitedNames.map(\.description).joined(separator: ", "))): tickets of the account's own name are tried instead; 'asactl spn add' once this rotation has ended"
      )
    }
    if let ticket { warnings.append(displacement(by: ticket, newest: input.newestKeys)) }
    return warnings
  }

  private func displacement(by ticket: ServiceTicket, newest keys: AccountKeys?) -> String {
    guard let keys, !keys.hold(ticket.encryptionType) else {
      return
        "foreignKey: somebody else reset the password (kvno \(ticket.version)); nodes refuse new tickets until this rotation is done"
    }
    let type = EncryptionType.displayName(ticket.encryptionType)
    return "tickets come with \(type), for which nodes have no key: they refuse new tickets until this rotation is done"
  }
}

/// Hands one ticket to one node and judges the answer.
struct AcceptanceProof: Sendable {
  let account: AccountName
  let fleet: any NodeFleet
  /// Whether the node takes no note of it.
  var isTrial = false
  let timeout: Duration

  func run(_ ticket: ServiceTicket, on node: NodeName) async -> ProofVerdict {
    var verdict = ProofVerdict(
      node: node, servicePrincipalName: ticket.servicePrincipalName, version: ticket.version,
      encryptionType: ticket.encryptionType, rotation: nil, fault: nil)
    do throws(OperatorFault) {
      let challenge = try await ticket.handle.makeChallenge()
      let answer = await fleet.prove(
        challenge.request, for: ticket.servicePrincipalName, of: account, on: node, isTrial: isTrial, timeout: timeout)
      verdict.rotation = answer.rotation
      let reply = try answer.outcome.get()
      if !(await challenge.isAnswered(by: reply)) {
        verdict.fault = OperatorFault(.protocol, "node \(node)", "claims to have accepted a ticket but does not hold its key")
      }
    } catch {
      verdict.fault = error
    }
    return verdict
  }
}
