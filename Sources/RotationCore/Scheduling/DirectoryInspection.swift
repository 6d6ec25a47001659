/// Looks at the account between rotations, so that what would fail the next one, or already refuses clients, is told when it happens and not
/// when the next rotation is due. It changes nothing.
struct DirectoryInspection: Sendable {
  let preflight: Preflight
  let record: AccountRecord
  let rotator: RotatorID
  let store: any RotationStoring

  private var settings: ManagedAccount { preflight.settings }
  private var subject: String { "account \(record.account)" }

  /// What is wrong, and which key of ours turned up where it was not expected.
  func run() async -> DirectoryObservation {
    var observation = await observe()
    observation.knownStamp = record.knownStamp
    return observation
  }

  private func observe() async -> DirectoryObservation {
    let account: DirectoryAccount
    do throws(OperatorFault) {
      account = try await settings.directory.readAccount(settings.query(objectGUID: record.objectGUID))
    } catch {
      return DirectoryObservation(finding: DirectoryFinding(kind: error.mayPassByItself ? .unreachable : .drift, fault: error))
    }
    if let lag = lag(of: account) {
      return DirectoryObservation(
        finding: DirectoryFinding(kind: .lagging, fault: lag, domainController: account.server.dnsHostName),
        behindAt: account.version)
    }
    return await DirectoryInspection(
      preflight: Preflight(settings: settings.facing(account, record: record), fleet: preflight.fleet, clock: preflight.clock),
      record: record, rotator: rotator, store: store
    ).observation(of: account)
  }

  private func observation(of account: DirectoryAccount) async -> DirectoryObservation {
    var faults = attributeFaults(account)
    var observation = DirectoryObservation(
      controllers: account.domainControllers, replicas: settings.replicaNames(in: account),
      hasNames: settings.unregisteredNames(in: account).isEmpty)
    observation.properties = AccountProperties(account, at: preflight.clock.now())
    var isForeign = false
    observation.superseded = preflight.supersession(by: account, record: record, rotator: rotator)
    do throws(OperatorFault) { try preflight.checkStamp(account, record: record, rotator: rotator) } catch {
      faults.append(error)
    }
    do throws(OperatorFault) {
      switch try await key(of: account) {
      case .expected: break
      case .surfaced(let key, let fault):
        observation.surfaced = key
        faults.insert(fault, at: 0)
      case .unusable(let fault): faults.insert(fault, at: 0)
      case .foreign(let fault):
        isForeign = true
        faults.insert(fault, at: 0)
      }
    } catch {
      // Without a ticket the account's own attributes say more than that there was none.
      if faults.isEmpty {
        observation.finding = DirectoryFinding(kind: error.mayPassByItself ? .unreachable : .drift, fault: error)
      }
    }
    observation.finding = DirectoryFinding(drift: faults, on: account.server.dnsHostName) ?? observation.finding
    if isForeign { observation.finding?.isForeignPassword = true }
    return observation
  }
}

// MARK: - Replication

extension DirectoryInspection {
  /// Why this domain controller cannot be believed about the account: it has not received the last rotation, or not yet what that replaced.
  private func lag(of account: DirectoryAccount) -> OperatorFault? {
    // After a lost controller its passwords are set again first: until then the successor has a lower number, as is known.
    guard let latest = record.ledger.latest, record.ledger.nextReplay == nil else { return nil }
    let isOther = record.writer.map { $0.identity != account.server.identity } ?? false
    let differs = account.version != latest.version || account.stamp != record.knownStamp?.description
    guard account.version < latest.version || isOther && differs else { return nil }
    return OperatorFault(
      .temporary, account.server.dnsHostName,
      "has kvno \(account.version) of \(record.account) where the last rotation gave \(latest.version): it has not received it, or was restored from a backup; nodes accept tickets of both",
      remedy:
        "let it replicate ('samba-tool drs showrepl', 'repadmin /showrepl'); if the controller that had it is gone for good: 'asactl dc forget'"
    )
  }
}

// MARK: - Attributes

extension DirectoryInspection {
  private func attributeFaults(_ account: DirectoryAccount) -> [OperatorFault] {
    var faults: [OperatorFault] = []
    do throws(OperatorFault) {
      try preflight.checkSuccession(account, record: record)
      try preflight.checkDirectory(account)
    } catch { faults.append(error) }
    faults += spellings(account)
    if let baseline = record.baseline {
      let drift = baseline.drift(to: AccountBaseline(account, realm: settings.realm), settings: settings, record: record)
      // What the preflight's own check has refused already is not said twice.
      faults += drift.filter { one in !faults.contains { $0.remedy == one.remedy } }
    }
    return faults
  }

  private func spellings(_ account: DirectoryAccount) -> [OperatorFault] {
    settings.servicePrincipalNames.compactMap { name in
      let same = account.servicePrincipalNames.filter { $0.lowercased() == name.description.lowercased() }
      guard same.count > 1 else { return nil }
      return OperatorFault(
        .data, "SPN \(name)",
        "is registered \(same.count) times, as \(same.joined(separator: " and ")): tickets are issued and accepted all the same, but tools that take it for a duplicate refuse changes",
        remedy: "take all but one of them away: 'setspn -D' or 'samba-tool spn delete'")
    }
  }
}

// MARK: - The key

extension DirectoryInspection {
  /// Whose key the directory uses. The number alone does not tell.
  private enum Key {
    case expected
    case surfaced(SurfacedKey, OperatorFault)
    case unusable(OperatorFault)
    case foreign(OperatorFault)
  }

  private func key(of account: DirectoryAccount) async throws(OperatorFault) -> Key {
    guard let latest = record.ledger.latest, record.ledger.nextReplay == nil,
      let name = settings.ticketNames.first
    else { return .expected }
    let ticket = try await settings.tickets.requestTicket(for: name)
    // Somebody is at it right now: the next look tells.
    guard ticket.version == account.version else { return .expected }
    guard latest.encryptionTypes.contains(ticket.encryptionType) else { return .unusable(unusable(ticket)) }
    for slot in record.ledger.holding where slot.state != .staged {
      guard let keys = try await store.secrets(of: slot.rotation, account: record.account)?.keys,
        await ticket.handle.opens(with: keys)
      else { continue }
      if slot.rotation == latest.rotation, slot.version == account.version { return .expected }
      return .surfaced(SurfacedKey(rotation: slot.rotation, version: account.version), surfaced(slot, at: account.version))
    }
    // A Latest that only nodes hold cannot be tried here; as long as the number stands, they are taken at their word.
    if latest.isKeyless, latest.version == account.version { return .expected }
    return .foreign(foreign(account.version, latest: latest))
  }

  private func unusable(_ ticket: ServiceTicket) -> OperatorFault {
    OperatorFault(
      .data, subject,
      "the domain controller issues tickets with \(EncryptionType.displayName(ticket.encryptionType)), for which nodes have no key: clients with new ones are refused",
      remedy:
        "set msDS-SupportedEncryptionTypes to 24 (AES256 and AES128), or 'asactl rotate', which makes keys of what is issued")
  }

  private func surfaced(_ slot: SlotLedger.Slot, at version: KeyVersion) -> OperatorFault {
    let what =
      slot.version == version
      ? "the directory has the password of rotation \(slot.rotation), which was not known to have reached it"
      : "the directory has kvno \(version) for the key of rotation \(slot.rotation), which nodes hold as kvno \(slot.version)"
    return OperatorFault(
      .data, subject,
      "\(what); until nodes have it under that number, acceptors that insist on the number refuse clients with new tickets",
      remedy: "nothing: the nodes get it now")
  }

  private func foreign(_ version: KeyVersion, latest: SlotLedger.Slot) -> OperatorFault {
    let number =
      version == latest.version
      ? "tickets of kvno \(version) open with no key of ours, though our Latest has the same number"
      : "the directory has kvno \(version), the nodes' Latest is kvno \(latest.version)"
    return OperatorFault(
      .data, subject,
      "foreignKey: \(number): somebody else set the password, and nodes refuse clients that come with new tickets",
      remedy: settings.policy.onDrift == .rotate
        ? "a rotation begins by itself (onDrift: rotate); find out who it was"
        : "'asactl rotate' sets a password of ours and ends that; then find out who it was")
  }
}
