import Foundation
package import RotationCore
import SecretMemory
import Synchronization

/// The other domain controllers of a world: each has what the writer has, unless its replication is paused.
package final class FakeReplicaSource: ReplicaSource {
  private struct State {
    var controllers: [String: FakePasswordDirectory]
    var paused: Set<String> = []
    var configured: [String]?
  }

  private let state: Mutex<State>
  private let writer: FakePasswordDirectory
  private let clock: ManualPolicyClock

  /// Makes replicas of `writer`, and lets it list them and itself.
  package init(_ names: [String], of writer: FakePasswordDirectory, realm: Realm, clock: ManualPolicyClock) {
    self.writer = writer
    self.clock = clock
    let account = writer.account
    let silent = Chronicle<PortCall>()
    state = Mutex(
      State(
        controllers: Dictionary(
          uniqueKeysWithValues: names.map { name in
            (
              name,
              FakePasswordDirectory(account: account, keys: AccountKeys(keys: [], salt: nil), realm: realm, trace: silent)
            )
          })))
    list(names)
  }

  package var configured: [String]? { state.withLock(\.configured) }

  /// Names them in the configuration.
  package func configure(_ names: [String]) { state.withLock { $0.configured = names } }

  /// Lets the directory list these beside the writer.
  package func list(_ names: [String]) {
    writer.change { account in
      account.domainControllers = ([account.server.dnsHostName] + names).map { ListedController(dnsHostName: $0) }
    }
  }

  package func replica(named name: String) throws(OperatorFault) -> ReplicaController {
    guard let directory = state.withLock({ $0.controllers[name] }) else {
      throw OperatorFault(.noInput, name, "is no domain controller of this world")
    }
    let replica = FakeReplica(directory: directory, checker: FakeTicketChecker(directory: directory, clock: clock)) {
      self.replicate(to: name)
    }
    return ReplicaController(name: name, directory: replica, tickets: replica)
  }

  /// Stops replication to one of them where it is, or lets it go on.
  package func setPaused(_ name: String, _ isPaused: Bool) {
    replicate(to: name)
    state.withLock { if isPaused { $0.paused.insert(name) } else { $0.paused.remove(name) } }
  }

  /// One of them by itself, for what goes on there without the writer; pause its replication first.
  package subscript(name: String) -> FakePasswordDirectory? { state.withLock { $0.controllers[name] } }

  private func replicate(to name: String) {
    guard let directory = state.withLock({ $0.paused.contains(name) ? nil : $0.controllers[name] }) else { return }
    directory.fall(back: writer.replica(), to: String(name.prefix { $0 != "." }))
  }
}

/// One replica: before it answers, it gets what the writer has.
private struct FakeReplica: ReplicaReading, TicketChecking {
  let directory: FakePasswordDirectory
  let checker: FakeTicketChecker
  let replicate: @Sendable () -> Void

  func readReplica(of query: AccountQuery) async throws(OperatorFault) -> ReplicaState {
    replicate()
    let account = try await directory.readAccount(query)
    return ReplicaState(server: account.server, account: AccountState(stamp: account.stamp, version: account.version))
  }

  func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    replicate()
    return try await checker.requestTicket(for: servicePrincipalName)
  }

  func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    try await checker.deriveKeys(from: password, salt: salt, encryptionTypes: encryptionTypes)
  }

  func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String {
    try await checker.announcedSalt(of: samAccountName)
  }

  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool {
    await checker.verifies(checksum, over: message, with: key)
  }
}
