package import Configuration
package import Kerberos
package import RotationCore

/// All keytabs that the node's own file names, and how the accounts share them.
package struct ManagedKeytabs: Sendable {
  /// The state of one file after it was looked at.
  package enum State: Sendable, Equatable {
    /// As it should be.
    case asOrdered
    /// It was not as it should be, and is now.
    case written
    /// It cannot be made so; the last good file stays.
    case faulty(OperatorFault)

    /// Whether the file is not as it should be.
    var isFaulty: Bool {
      if case .faulty = self { true } else { false }
    }
  }

  private let keytabs: [KeytabConfiguration]
  private let installer: KeytabInstaller

  /// Takes the keytabs of the configuration.
  package init(_ keytabs: [KeytabConfiguration], savedDirectory: String) {
    self.keytabs = keytabs
    installer = KeytabInstaller(savedDirectory: savedDirectory)
  }

  /// The files, each once, in the order of the configuration.
  package var paths: [String] {
    keytabs.map(\.path).reduce(into: []) { paths, path in if !paths.contains(path) { paths.append(path) } }
  }

  /// The files that hold an account's keys.
  package func paths(of account: AccountName) -> [String] {
    paths.filter { path in keytabs.contains { $0.path == path && $0.account == account } }
  }

  /// The file that an acceptor of this SPN would use; any of the account's files holds its own name.
  package func path(of account: AccountName, holding name: ServicePrincipalName) -> String? {
    keytabs.first { $0.account == account && (name.isOwnName || $0.servicePrincipalNames?.contains(name) ?? true) }?.path
  }

  /// Makes sure that every file of which all accounts' names are known can be managed. Changes nothing.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` for the first file that cannot.
  package func check(for accounts: [NodeSlots]) throws(OperatorFault) {
    for path in paths where names(at: path, areKnownFrom: accounts) {
      try installer.check(path, owners: owners(of: path, among: accounts))
    }
  }

  /// Makes every file hold what the slots say. A file of accounts that no order has come for is looked at and left alone.
  package func install(_ accounts: [NodeSlots]) -> [String: State] {
    var states: [String: State] = [:]
    for path in paths where isManaged(path, for: accounts) {
      do throws(OperatorFault) {
        states[path] = try install(accounts, at: path) == .written ? .written : .asOrdered
      } catch {
        states[path] = .faulty(error)
      }
    }
    return states
  }

  /// How the files differ from what the slots say, where somebody else has changed them. What cannot be told is left to ``install(_:)``.
  package func deviations(from accounts: [NodeSlots]) -> [String: KeytabDeviation] {
    paths.filter { isManaged($0, for: accounts) }.reduce(into: [:]) { found, path in
      guard let target = try? target(accounts, at: path) else { return }
      found[path] = try? installer.deviation(from: target.entries, at: target.keytab)
    }
  }

  /// Makes all files of one account hold what the slots say, or none of them.
  ///
  /// - Parameter exchanged: Called after each file.
  /// - Throws: ``OperatorFault`` naming the file that cannot; the others have their former entries back.
  package func exchange(
    _ accounts: [NodeSlots], for account: AccountName, exchanged: () -> Void = {}
  ) throws(OperatorFault) {
    let paths = paths(of: account)
    for path in paths { try installer.check(path, owners: owners(of: path, among: accounts)) }
    var former: [(path: String, entries: [KeytabEntry])] = []
    do throws(OperatorFault) {
      for path in paths {
        former.append((path, try installer.read(path)))
        _ = try install(accounts, at: path)
        exchanged()
      }
    } catch {
      for file in former { try giveBack(file.entries, at: file.path, among: accounts) }
      throw error
    }
  }

  /// Takes every entry of an account out of its files, and the copies that were kept of them; a file that is empty then is removed.
  ///
  /// - Throws: ``OperatorFault`` naming the file whose entries are still there.
  package func destroy(_ principals: AccountPrincipals, among accounts: [NodeSlots]) throws(OperatorFault) {
    for path in paths(of: principals.account) {
      try giveBack(try installer.read(path).filter { !principals.owns($0) }, at: path, among: accounts)
      try installer.forgetOriginal(of: path)
    }
  }

  /// The entries of one account that are installed now, per file.
  ///
  /// - Throws: ``OperatorFault`` if a file cannot be read.
  package func installed(_ principals: AccountPrincipals) throws(OperatorFault) -> [(path: String, entries: [KeytabEntry])] {
    var found: [(path: String, entries: [KeytabEntry])] = []
    for path in paths(of: principals.account) {
      found.append((path, try installer.read(path).filter(principals.owns)))
    }
    return found
  }

  /// The principals of an account over all its keytabs.
  package func principals(of slots: NodeSlots) -> AccountPrincipals {
    let subsets = keytabs.filter { $0.account == slots.account }.flatMap { $0.servicePrincipalNames ?? [] }
    return AccountPrincipals(
      account: slots.account, realm: slots.realm,
      servicePrincipalNames: Set(slots.servicePrincipalNames + slots.formerServicePrincipalNames + subsets))
  }
}

extension ManagedKeytabs {
  private func names(_ path: String, _ account: AccountName) -> Bool {
    keytabs.contains { $0.path == path && $0.account == account }
  }

  private func names(at path: String, areKnownFrom accounts: [NodeSlots]) -> Bool {
    keytabs.filter { $0.path == path }.allSatisfy { keytab in
      keytab.servicePrincipalNames != nil || accounts.contains { $0.account == keytab.account }
    }
  }

  /// Whether it can be told what a file shall hold: all its names are known, or some of its accounts has had an order. Another one that no
  /// rotator has named yet must not keep that one from being served.
  private func isManaged(_ path: String, for accounts: [NodeSlots]) -> Bool {
    names(at: path, areKnownFrom: accounts)
      || keytabs.contains { keytab in
        keytab.path == path && accounts.contains { $0.account == keytab.account && $0.applied != nil }
      }
  }

  private func owners(of path: String, among accounts: [NodeSlots]) -> [AccountPrincipals] {
    keytabs.filter { $0.path == path }.map { keytab in
      accounts.first { $0.account == keytab.account }.map(principals(of:))
        ?? AccountPrincipals(
          account: keytab.account, realm: nil, servicePrincipalNames: Set(keytab.servicePrincipalNames ?? []))
    }
  }

  private func giveBack(_ entries: [KeytabEntry], at path: String, among accounts: [NodeSlots]) throws(OperatorFault) {
    guard let keytab = keytabs.first(where: { $0.path == path }) else { return }
    if entries.isEmpty {
      try installer.remove(path)
    } else {
      _ = try installer.install(entries, at: keytab, owners: owners(of: path, among: accounts))
    }
  }

  /// What a file shall hold, and of whom it may hold anything.
  private struct Target {
    var keytab: KeytabConfiguration
    var entries: [KeytabEntry]
    var owners: [AccountPrincipals]
  }

  /// `nil` for a file of accounts that no order has come for.
  private func target(_ accounts: [NodeSlots], at path: String) throws(OperatorFault) -> Target? {
    let sharers = keytabs.filter { $0.path == path }
    let ordered = accounts.filter { $0.applied != nil }
    let owners = owners(of: path, among: accounts)
    try installer.check(path, owners: owners)
    guard let keytab = sharers.first, sharers.contains(where: { sharer in ordered.contains { $0.account == sharer.account } })
    else { return nil }
    let parts = sharers.compactMap { sharer in
      ordered.first { $0.account == sharer.account }
        .map { KeytabProjection.Part(slots: $0, servicePrincipalNames: sharer.servicePrincipalNames) }
    }
    let isOrdered = { (owner: AccountPrincipals) in ordered.contains { $0.account == owner.account } }
    let (settled, waiting) = (owners.filter(isOrdered), owners.filter { !isOrdered($0) })
    // Of an account that no rotator has named the realm is not known, and another one may go by the same name in its own.
    let carried = try installer.read(path).filter { entry in
      waiting.contains { $0.owns(entry) } && !settled.contains { $0.owns(entry) }
    }
    let entries = try KeytabProjection.entries(of: parts, carrying: carried, path: path)
    return Target(keytab: keytab, entries: entries, owners: owners)
  }

  private func install(_ accounts: [NodeSlots], at path: String) throws(OperatorFault) -> KeytabInstaller.Result {
    guard let target = try target(accounts, at: path) else { return .unchanged }
    return try installer.install(target.entries, at: target.keytab, owners: target.owners)
  }
}
