/// What the domain controller has that takes a lost one's place.
struct SuccessorFindings: Sendable {
  var server: DirectoryServer
  var stamp: Stamp?
  var version: KeyVersion
}

/// Reads the successor of a lost writer. Its stamp is taken only together with the proof that the key it issues tickets under is one of ours.
struct SuccessorReading: Sendable {
  let settings: ManagedAccount
  let record: AccountRecord
  let lost: DirectoryServer
  let store: any RotationStoring
  let fleet: any NodeFleet
  let clock: any PolicyClock
  /// The nodes that can be asked.
  let attached: [NodeName]

  func run() async throws(OperatorFault) -> SuccessorFindings {
    let account = try await settings.directory.readAccount(settings.query(objectGUID: record.objectGUID))
    guard account.server.identity != lost.identity else {
      throw OperatorFault(
        .temporary, lost.dnsHostName, "answers: it is not gone",
        remedy:
          "forget a domain controller only when it will never come back, and name its successor under directories.controllers")
    }
    try Preflight(settings: settings, fleet: fleet, clock: clock).checkWriter(account.server)
    let stamp = try stamp(in: account)
    try await checkKey(of: account)
    try checkReplays(above: account.version)
    return SuccessorFindings(server: account.server, stamp: stamp, version: account.version)
  }

  private func stamp(in account: DirectoryAccount) throws(OperatorFault) -> Stamp? {
    guard let raw = account.stamp else { return nil }
    guard let stamp = Stamp(raw) else {
      throw OperatorFault(
        .configuration, "account \(settings.name)", "its stamp attribute holds a value that is not a stamp",
        remedy: "name a free attribute as stampAttribute of the directory")
    }
    return stamp
  }

  /// A successor that issues under a key which is none of ours has gone another way than this store.
  private func checkKey(of account: DirectoryAccount) async throws(OperatorFault) {
    guard record.ledger.latest != nil, let name = settings.ticketNames.first else { return }
    let ticket = try await settings.tickets.requestTicket(for: name)
    for slot in record.ledger.holding where slot.version == account.version {
      if try await isIssued(slot, by: ticket) { return }
    }
    throw OperatorFault(
      .data, "account \(settings.name)",
      "the key of kvno \(ticket.version) on \(account.server.dnsHostName) is none that this store knows: the store is behind the directory",
      remedy: "bring back the newest store, or 'asactl credential adopt' from a node that accepts clients")
  }

  private func isIssued(_ slot: SlotLedger.Slot, by ticket: ServiceTicket) async throws(OperatorFault) -> Bool {
    if let secrets = try await store.secrets(of: slot.rotation, account: settings.name) {
      return await ticket.handle.opens(with: secrets.keys)
    }
    // An adopted key is known to its nodes alone.
    let proof = AcceptanceProof(account: settings.name, fleet: fleet, timeout: .seconds(10))
    for node in attached {
      let verdict = await proof.run(ticket, on: node)
      if verdict.fault == nil { return verdict.rotation == slot.rotation }
    }
    return false
  }

  private func checkReplays(above version: KeyVersion) throws(OperatorFault) {
    let lacking = record.strandedSlots.filter { $0.version > version }.sorted { $0.version < $1.version }
    var expected = version.next
    for slot in lacking {
      guard slot.version == expected, !slot.isKeyless else {
        throw OperatorFault(
          .data, "account \(settings.name)",
          "kvno \(slot.version) cannot be set again after kvno \(version): this store does not hold one password for every kvno between",
          remedy:
            "'asactl credential adopt' into an empty store: it waits until tickets under that key have ended before it sets a password"
        )
      }
      expected = expected.next
    }
  }
}
