package import AgentProtocol
package import Configuration
package import Foundation
package import Logging
package import RotationCore
import SecretMemory

/// The one owner of a node's slots: it alone changes the slot file, the keytabs and the readiness file, one thing after another.
package actor SlotKeeper {
  let configuration: AgentConfiguration
  let file: SlotFile
  let keytabs: ManagedKeytabs
  let now: @Sendable () -> Date
  let logger: Logger
  /// Held as long as the keeper lives, and with it the lock that keeps a second agent out.
  private let directory: StateDirectory
  private let executor = BlockingExecutor(label: "slot-keeper")
  private let readinessFile: ReadinessFile?

  /// What the node holds, as in the slot file.
  var accounts: [NodeSlots] = []
  /// The rotator's secret for fingerprints, from the last welcome.
  var secret: SecretBytes?
  /// The last known state of every keytab.
  var keytabStates: [String: ManagedKeytabs.State] = [:]
  private var readiness = Readiness()
  /// Whether a rotator has accepted this agent since it started.
  private(set) var hasBeenWelcomed = false
  private(set) var send: (@Sendable (NodeReport) -> Void)?

  /// Keeps the slots of `directory`.
  package init(
    _ configuration: AgentConfiguration, directory: StateDirectory, logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.configuration = configuration
    self.logger = logger
    self.directory = directory
    self.now = now
    file = directory.slotFile
    keytabs = ManagedKeytabs(configuration.keytabs, savedDirectory: directory.savedDirectory)
    readinessFile = configuration.readinessFile.map(ReadinessFile.init)
  }

  /// libkrb5 and the file system block.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Loads the slots, checks the keytabs and makes them hold what the slots say.
  ///
  /// - Throws: ``OperatorFault`` if the slot file or a keytab is not the agent's own; nothing has been changed then.
  package func start() throws(OperatorFault) {
    try readinessFile?.remove()
    accounts = try file.load()
    try keytabs.check(for: accounts)
    note(keytabs.install(accounts))
  }

  /// Takes note that a rotator has accepted this agent, and adopts what the keytabs hold for accounts that no order has come for yet.
  ///
  /// - Parameters:
  ///   - welcome: What the rotator said.
  ///   - send: Takes reports that no order asked for, until ``detached()``.
  /// - Returns: A report for every account that the rotator binds to this node.
  /// - Throws: ``OperatorFault`` if a keytab cannot be managed or adopted, the first time only; later it is part of the reports.
  package func welcomed(
    _ welcome: AttachWelcome, send: @escaping @Sendable (NodeReport) -> Void
  ) throws(OperatorFault) -> [NodeReport] {
    secret = welcome.fingerprintSecret
    do throws(OperatorFault) {
      try bind(welcome.accounts, under: welcome.fingerprintSecret)
    } catch {
      guard hasBeenWelcomed else { throw error }
      logger.error("\(error)")
    }
    hasBeenWelcomed = true
    self.send = send
    readiness.bind(welcome.accounts.map(\.account))
    note(keytabs.install(accounts))
    return welcome.accounts.map { report(on: $0.account) }
  }

  /// Takes note that the stream is gone.
  package func detached() { send = nil }

  /// Looks at the keytabs and repairs those that somebody else has changed; the rotator is told of it.
  package func healDrift() {
    let states = keytabs.install(accounts)
    let changed = states.filter { path, state in
      // A repaired file is always news; otherwise only a fault that came or went is.
      state == .written || (state != keytabStates[path] && (state.isFaulty || keytabStates[path]?.isFaulty == true))
    }
    note(states)
    let paths = Set(changed.keys)
    for account in accounts where !paths.isDisjoint(with: keytabs.paths(of: account.account)) {
      send?(report(on: account.account))
    }
  }

  /// Removes the readiness file: a node whose agent has stopped is not known to be in service.
  package func stop() {
    do throws(OperatorFault) { try readinessFile?.remove() } catch { logger.error("\(error)") }
  }
}

extension SlotKeeper {
  /// Remembers what became of the keytabs, says what is new, and brings the readiness file up to date.
  func note(_ states: [String: ManagedKeytabs.State]) {
    for (path, state) in states where state != keytabStates[path] {
      switch state {
      case .asOrdered: logger.debug("keytab is as ordered", metadata: ["asa_keytab": "\(path)"])
      case .written: logger.notice("keytab written", metadata: ["asa_keytab": "\(path)"])
      case .faulty(let fault): logger.error("\(fault)")
      }
    }
    keytabStates.merge(states) { _, new in new }
    readiness.confirm(accounts.map(\.account).filter { account in keytabs.paths(of: account).allSatisfy(isInOrder) })
    updateReadiness()
  }

  /// Remembers that a domain controller's ticket opened with the Latest key of an account.
  func noteProof(of account: AccountName) {
    readiness.prove(account)
    updateReadiness()
  }

  private func isInOrder(_ path: String) -> Bool { keytabStates[path].map { !$0.isFaulty } ?? false }

  private func updateReadiness() {
    do throws(OperatorFault) {
      if readiness.isInService { try readinessFile?.create() } else { try readinessFile?.remove() }
    } catch {
      logger.error("\(error)")
    }
  }

  /// What the node holds for an account, unasked.
  func report(on account: AccountName) -> NodeReport {
    let slots = accounts.first { $0.account == account }
    return NodeReport(
      account: account, epoch: slots?.applied?.epoch ?? .zero, version: slots?.applied?.version ?? 0,
      refusal: keytabs.paths(of: account).isEmpty ? notConfigured(account, epoch: .zero, version: 0) : nil,
      slots: slots?.slots.map(\.report) ?? [], checksums: [], nonce: [], keytabs: keytabReports(of: account))
  }

  func notConfigured(_ account: AccountName, epoch: Epoch, version: UInt64) -> OrderRefusal {
    OrderRefusal(
      .accountNotConfigured, "\(configuration.node): no keytab of the agent's configuration names \(account)", epoch: epoch,
      version: version)
  }

  private func keytabReports(of account: AccountName) -> [KeytabReport] {
    keytabs.paths(of: account).map { path in
      if case .faulty(let fault)? = keytabStates[path] { return KeytabReport(path: path, fault: "\(fault)") }
      return KeytabReport(path: path, fault: nil)
    }
  }
}
