/// Tries which key another domain controller issues tickets under. Its word for the kvno proves nothing; only a ticket does.
struct ConvergenceProbe: Sendable {
  /// What one domain controller issues tickets under.
  enum Verdict: Sendable, Equatable {
    /// This slot's key, for every SPN.
    case issues(RotationID)
    /// Under this kvno, a key that is older than the ones that the store can try, or none of ours.
    case issuesUnknown(KeyVersion, OperatorFault)
    /// It cannot be told.
    case unknown(OperatorFault)
  }

  let settings: ManagedAccount
  let ledger: SlotLedger
  let store: any RotationStoring

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
    var keys: AccountKeys
  }

  private func slotKeys() async throws(OperatorFault) -> [SlotKeys] {
    var found: [SlotKeys] = []
    for slot in ledger.holding where slot.state != .staged {
      guard let keys = try await store.secrets(of: slot.rotation, account: settings.name)?.keys else { continue }
      found.append(SlotKeys(slot: slot, keys: keys))
    }
    return found
  }

  /// The oldest of the keys counts: an SPN that still gives tickets under it would be refused without it.
  private func verdict(on name: String, keys: [SlotKeys]) async -> Verdict {
    do throws(OperatorFault) {
      guard let replica = try settings.replicas?.replica(named: name) else {
        return .unknown(OperatorFault(.configuration, name, "is not a domain controller that the configuration names"))
      }
      var oldest = -1
      for principal in settings.servicePrincipalNames {
        let ticket = try await replica.tickets.requestTicket(for: principal)
        guard let place = await place(of: ticket, in: keys) else {
          return .issuesUnknown(ticket.version, stranger(ticket, on: name))
        }
        oldest = max(oldest, place)
      }
      guard keys.indices.contains(oldest) else { return .unknown(OperatorFault(.software, name, "was asked for no ticket")) }
      return .issues(keys[oldest].slot.rotation)
    } catch { return .unknown(error) }
  }

  /// A key of ours counts under its own number only: acceptors may go by it.
  private func place(of ticket: ServiceTicket, in keys: [SlotKeys]) async -> Int? {
    for (place, candidate) in keys.enumerated() where candidate.slot.version == ticket.version {
      if await ticket.handle.opens(with: candidate.keys) { return place }
    }
    return nil
  }

  private func stranger(_ ticket: ServiceTicket, on name: String) -> OperatorFault {
    OperatorFault(
      .data, name,
      "issues tickets for \(ticket.servicePrincipalName) under kvno \(ticket.version), which open with no key that the store has for it",
      remedy: "if nodes refuse such tickets, somebody has set the password there: let it replicate; else nothing")
  }
}
