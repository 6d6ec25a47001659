import Foundation

/// Tries which key another domain controller issues tickets under. Its word for the kvno proves nothing; only a ticket does.
struct ConvergenceProbe: Sendable {
  /// What one domain controller issues tickets under.
  enum Verdict: Sendable, Equatable {
    /// This slot's key, and for no SPN an older one.
    case issues(RotationID)
    /// Under this kvno, a key that is older than the ones that the store can try, or none of ours.
    case issuesUnknown(KeyVersion, OperatorFault)
    /// Under this kvno, with an encryption type that no key of ours was made of: nodes refuse its clients.
    case issuesUnusable(KeyVersion, OperatorFault)
    /// It cannot be told.
    case unknown(OperatorFault)
  }

  let settings: ManagedAccount
  let ledger: SlotLedger
  let store: any RotationStoring
  let now: Date

  /// Asks several at once.
  func run(on names: [String]) async -> [String: Verdict] {
    let keys: [SlotKeys]
    do throws(OperatorFault) { keys = try await slotKeys() } catch {
      return Dictionary(names.map { ($0, Verdict.unknown(error)) }, uniquingKeysWith: { first, _ in first })
    }
    return await withTaskGroup(of: (String, Verdict).self) { group in
      for name in names { group.addTask { (name, await verdict(on: name, keys: keys)) } }
      var verdicts: [String: Verdict] = [:]
      for await (name, verdict) in group { verdicts[name] = verdict }
      return verdicts
    }
  }

  private struct SlotKeys: Sendable {
    var slot: SlotLedger.Slot
    /// `nil`: nodes alone have them.
    var keys: AccountKeys?
  }

  private func slotKeys() async throws(OperatorFault) -> [SlotKeys] {
    var found: [SlotKeys] = []
    for slot in ledger.holding where slot.state != .staged {
      let keys = try await store.secrets(of: slot.rotation, account: settings.name)?.keys
      if keys != nil || slot.isKeyless { found.append(SlotKeys(slot: slot, keys: keys)) }
    }
    return found
  }

  /// Every SPN is asked for before anything is concluded, and the oldest key counts: clients of that SPN would be refused without it.
  private func verdict(on name: String, keys: [SlotKeys]) async -> Verdict {
    do throws(OperatorFault) {
      guard let replica = try settings.replicas?.replica(named: name) else {
        return .unknown(OperatorFault(.configuration, name, "is not a domain controller that the configuration names"))
      }
      var oldest: Int?
      var stranger: ServiceTicket?
      for principal in settings.ticketNames {
        let ticket = try await replica.tickets.requestTicket(for: principal)
        try settings.checkLife(of: ticket, from: name, at: now)
        if let fault = lack(of: ticket, in: keys, on: name) { return .issuesUnusable(ticket.version, fault) }
        if let place = await place(of: ticket, in: keys) {
          oldest = max(oldest ?? place, place)
        } else if stranger.map({ ticket.version < $0.version }) ?? true {
          stranger = ticket
        }
      }
      return conclusion(oldest: oldest.map { keys[$0].slot }, stranger: stranger, on: name)
    } catch { return .unknown(error) }
  }

  private func conclusion(oldest: SlotLedger.Slot?, stranger: ServiceTicket?, on name: String) -> Verdict {
    if let oldest, oldest.rotation != ledger.latest?.rotation { return .issues(oldest.rotation) }
    if let stranger { return .issuesUnknown(stranger.version, fault(about: stranger, on: name)) }
    guard let oldest else { return .unknown(OperatorFault(.software, name, "was asked for no ticket")) }
    return .issues(oldest.rotation)
  }

  /// A key of ours counts under its own number only: acceptors may go by it. One that nodes alone have can only be told by that number.
  private func place(of ticket: ServiceTicket, in keys: [SlotKeys]) async -> Int? {
    for (place, candidate) in keys.enumerated() where candidate.slot.version == ticket.version {
      guard let keys = candidate.keys else { return place }
      if await ticket.handle.opens(with: keys) { return place }
    }
    return nil
  }

  /// Why a ticket tells nothing: it is of a type that no key was made of, as after somebody has changed the account's encryption types there.
  private func lack(of ticket: ServiceTicket, in keys: [SlotKeys], on name: String) -> OperatorFault? {
    let named = keys.filter { $0.slot.version == ticket.version }.compactMap(\.keys)
    guard !named.isEmpty, !named.contains(where: { $0.hold(ticket.encryptionType) }) else { return nil }
    return OperatorFault(
      .data, name,
      "issues tickets for \(ticket.servicePrincipalName) with \(EncryptionType.displayName(ticket.encryptionType)), for which nodes have no key under kvno \(ticket.version): they refuse clients that come with them",
      remedy: "see 'asactl account enctypes'; 'asactl rotate' makes keys of every type that is issued")
  }

  private func fault(about ticket: ServiceTicket, on name: String) -> OperatorFault {
    OperatorFault(
      .data, name,
      "issues tickets for \(ticket.servicePrincipalName) under kvno \(ticket.version), which open with no key that the store has for it",
      remedy: "if nodes refuse such tickets, somebody has set the password there: let it replicate; else nothing")
  }
}

extension ManagedAccount {
  /// Throws for a ticket that lives longer than keys are kept for: each domain controller has a lifetime of its own.
  func checkLife(of ticket: ServiceTicket, from controller: String, at now: Date) throws(OperatorFault) {
    let life = ticket.endTime.timeIntervalSince(now)
    guard life > Preflight.seconds(policy.ticketLifetime + policy.clockSkew) else { return }
    throw OperatorFault(
      .configuration, "SPN \(ticket.servicePrincipalName)",
      "\(controller) gives tickets of \(Int(life / 60)) minutes, longer than policy.ticketLifetime",
      remedy: "set policy.ticketLifetime of \(name) to at least that")
  }
}
