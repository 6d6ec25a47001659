import Logging

// A new account gets its SPNs when nodes hold its key, and not before: until then there would be tickets that nobody accepts. So its first rotation,
// and whatever else needs a ticket meanwhile, makes do with the account's own name. That does for a computer account alone: to a user account without
// an SPN domain controllers issue no ticket but by user-to-user (MS-KILE 3.3.5.7.1), so it has its SPNs before.

extension ManagedAccount {
  /// What tickets are asked for to prove the account's key: every SPN, or the account's own name while they are awaited.
  var ticketNames: [ServicePrincipalName] {
    awaitsNames ? [ServicePrincipalName(ownNameOf: name)] : servicePrincipalNames
  }

  /// These settings for the account as it stands in the directory.
  func facing(_ account: DirectoryAccount, record: AccountRecord) -> ManagedAccount {
    var settings = self
    let isNew = record.ledger.latest == nil && record.holdings.values.allSatisfy(\.slots.isEmpty)
    let unregistered = unregisteredNames(in: account)
    // After the first rotation one that is registered shows that the others were meant to be.
    let isAwaited =
      isNew ? !unregistered.isEmpty : record.awaitsNames == true && unregistered.count == servicePrincipalNames.count
    settings.awaitsNames = isAwaited && account.kind == .computer
    settings.awaitedNames = unregistered
    return settings
  }

  /// The SPNs that are not on the account.
  func unregisteredNames(in account: DirectoryAccount) -> [ServicePrincipalName] {
    let registered = Set(account.servicePrincipalNames.map { $0.lowercased() })
    return servicePrincipalNames.filter { !registered.contains($0.description.lowercased()) }
  }
}

extension RotationScheduler {
  /// Goes by what the account's record says of its names.
  func namesWereRecalled(of account: AccountName) {
    settings[account]?.awaitsNames = accounts[account]?.record.awaitsNames == true
  }

  /// An account whose SPNs were awaited has them: tickets are asked for under them from now on.
  func namesWereRegistered(of account: AccountName) async {
    guard var record = accounts[account]?.record, record.awaitsNames == true else { return }
    record.awaitsNames = nil
    var change = StoreChange()
    change.account = record
    do throws(OperatorFault) { try await persist(change, of: account) } catch {
      logger.error(
        "The store refused that the SPNs of \(account) are registered: \(error)",
        metadata: ["account": "\(account)", "fault": "\(error)"])
      return
    }
    accounts[account]?.record = record
    namesWereRecalled(of: account)
  }
}
