import SecretMemory

/// Reads the account back after the password write and tries a ticket: the kvno alone does not prove which key stands under it.
struct CommitCheck: Sendable {
  let settings: ManagedAccount
  let plan: RotationPlan
  let store: any RotationStoring
  let fingerprintSecret: SecretBytes

  func run() async -> (CommitEvidence, [ServiceTicket]) {
    do throws(OperatorFault) {
      let state = try await settings.directory.readState(of: settings.query(for: plan))
      guard plan.isStampless == true || state.stamp == plan.done.description else {
        return (.superseded(state.stamp ?? "none"), [])
      }
      let tickets = try await issuedTickets()
      return (try await judge(tickets, state: state), tickets)
    } catch {
      return (.unreadable(error), [])
    }
  }

  /// One for every SPN, except those that the domain controller certainly has none for: a name that was taken away meanwhile concerns the
  /// nodes' proof, and not whose key this is.
  private func issuedTickets() async throws(OperatorFault) -> [ServiceTicket] {
    var tickets: [ServiceTicket] = []
    var missing: OperatorFault?
    for name in settings.ticketNames {
      do throws(OperatorFault) { tickets.append(try await settings.tickets.requestTicket(for: name)) } catch {
        if error.mayPassByItself { throw error }
        missing = error
      }
    }
    if tickets.isEmpty, let missing { throw missing }
    return tickets
  }

  private func judge(_ tickets: [ServiceTicket], state: AccountState) async throws(OperatorFault) -> CommitEvidence {
    guard let secrets = try await store.secrets(of: plan.slot, account: settings.name), let ticket = tickets.first else {
      throw OperatorFault(.data, "account \(settings.name)", "the sealed keys of rotation \(plan.slot) are missing")
    }
    // Not the plan's fingerprint: an earlier check may have sealed keys under another salt.
    let ours = await opened(tickets, with: secrets.keys)
    if let first = ours.first, tellSalt(ours, secrets.keys) { return proven(by: first, with: secrets.keys) }
    let remade: AccountKeys?
    do throws(OperatorFault) { remade = try await remadeKeys(secrets, for: tickets) } catch {
      // Whose password it is, is known then.
      guard !ours.isEmpty else { throw error }
      remade = nil
    }
    if let remade, let first = await opened(tickets, with: remade).first {
      var change = StoreChange()
      change.seal = [plan.slot: RotationSecrets(password: secrets.password, keys: remade)]
      try await store.commit(change, of: settings.name)
      return proven(by: first, with: remade)
    }
    if let first = ours.first { return proven(by: first, with: secrets.keys) }
    return .foreignKey(
      state.version,
      OperatorFault(
        .data, "account \(settings.name)",
        "foreignKey: the stamp is ours, but the ticket for \(ticket.servicePrincipalName) (kvno \(ticket.version)) opens with no key of ours: somebody else reset the password",
        remedy: "nothing was retired; rotate again once you know who did"))
  }

  private func proven(by ticket: ServiceTicket, with keys: AccountKeys) -> CommitEvidence {
    .proven(ticket.version, KeyFingerprint(of: keys, under: fingerprintSecret))
  }

  /// Those that open. One is enough: an SPN may have been given to another account meanwhile, which concerns the nodes' proof.
  private func opened(_ tickets: [ServiceTicket], with keys: AccountKeys) async -> [ServiceTicket] {
    var opened: [ServiceTicket] = []
    for ticket in tickets where await ticket.handle.opens(with: keys) { opened.append(ticket) }
    return opened
  }

  /// Whether the tickets show that the salted keys are right, too: RC4 has no salt.
  private func tellSalt(_ tickets: [ServiceTicket], _ keys: AccountKeys) -> Bool {
    let isSalted = { (number: Int32) in EncryptionType(rawValue: number)?.isSalted ?? true }
    return tickets.contains { isSalted($0.encryptionType) } || !keys.keys.contains { isSalted($0.encryptionType) }
  }

  /// A rename between the plan and the write gives the password another salt than planned; a change of the account's encryption types, tickets of
  /// a type that was not.
  private func remadeKeys(
    _ secrets: RotationSecrets, for tickets: [ServiceTicket]
  ) async throws(OperatorFault) -> AccountKeys? {
    // The KDC knows the account by the name that it has now.
    let account = try await settings.directory.readAccount(settings.query(for: plan))
    let salt = try await settings.tickets.announcedSalt(of: account.samAccountName)
    let issued = tickets.compactMap { EncryptionType(rawValue: $0.encryptionType) }
    let types = Set(plan.encryptionTypes + issued)
    guard salt != secrets.keys.salt || types.count > plan.encryptionTypes.count else { return nil }
    return try await settings.tickets.deriveKeys(
      from: secrets.password, salt: salt, encryptionTypes: types.sorted(by: >))
  }
}
