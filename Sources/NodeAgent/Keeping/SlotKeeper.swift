package import AgentProtocol
package import Configuration
package import Foundation
import Logging
package import RotationCore
import SecretMemory
import Systemd

/// The one owner of a node's slots: it alone changes the slot file, the keytabs and the readiness file, one thing after another.
package actor SlotKeeper {
  let configuration: AgentConfiguration
  let file: SlotFile
  let keytabs: ManagedKeytabs
  let now: @Sendable () -> Date
  let journal: PacedJournal
  /// Held as long as the keeper lives, and with it the lock that keeps a second agent out.
  private let directory: StateDirectory
  private let executor = BlockingExecutor(label: "slot-keeper")
  private let show: @Sendable (Holdings) -> Void
  nonisolated let reached: @Sendable (AgentBoundary) -> Void
  let readinessFile: ReadinessFile?
  /// Whether the node is in service.
  package nonisolated let serviceState = ServiceState()
  /// Which boot of the machine this is.
  let boot: String?

  /// What the node holds, as in the slot file.
  var accounts: [NodeSlots] = []
  /// Who gives the orders, and for which accounts.
  private(set) var rotators = BoundRotators()
  /// The accounts of those whose keys could not be taken from their keytabs.
  var bindingFaults: [AccountName: OperatorFault] = [:]
  /// What was put right and no rotator has been told of yet.
  var untoldDrift: [AccountName: [KeytabDrift]] = [:]
  /// The last known state of every keytab.
  var keytabStates: [String: ManagedKeytabs.State] = [:]
  var readiness = Readiness()
  /// Whether the node was in service when that was last said.
  var wasInService = false
  /// The record of it on disk.
  var recorded: ReadinessRecord?
  /// What the consumers have loaded.
  var consumers: ConsumerLedger
  /// How the node looks at its accounts by itself.
  var watches = WatchRecord(accounts: [])
  /// The turns that rotators give the consumers; several at once are one.
  nonisolated let turns: AsyncStream<ConsumerTurn>
  private nonisolated let turn: AsyncStream<ConsumerTurn>.Continuation

  /// Keeps the slots of `directory`.
  ///
  /// - Parameters:
  ///   - configuration: The keytabs, and where the rest is.
  ///   - directory: The agent's own directory.
  ///   - journal: Where to say what happens.
  ///   - boot: Which boot of the machine this is, see ``BootIdentity``; without it, readiness does not outlive the agent.
  ///   - show: Told what the node holds, whenever it may have changed.
  ///   - reached: Called at every boundary, by whatever thread reaches it; what it blocks waits.
  ///   - now: The node's time.
  package init(
    _ configuration: AgentConfiguration, directory: StateDirectory, journal: PacedJournal,
    boot: String? = BootIdentity.current(), show: @escaping @Sendable (Holdings) -> Void = { _ in },
    reached: @escaping @Sendable (AgentBoundary) -> Void = { _ in },
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.configuration = configuration
    self.journal = journal
    self.directory = directory
    self.boot = boot
    self.show = show
    self.reached = reached
    self.now = now
    file = directory.slotFile
    keytabs = ManagedKeytabs(configuration.keytabs, savedDirectory: directory.savedDirectory)
    readinessFile = configuration.readinessFile.map(ReadinessFile.init)
    consumers = ConsumerLedger(
      configuration.consumers, installation: directory.installation, turnSeconds: configuration.turnSeconds)
    (turns, turn) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// libkrb5 and the file system block.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  var logger: Logger { journal.logger }
  var recordPath: String { directory.readinessRecord }
  var consumerRecordPath: String { directory.consumerRecord }
  var watchRecordPath: String { directory.watchRecord }

  /// The rotator gives the node its turn: consumers that lack a key may be taken out of service.
  ///
  /// - Parameter drains: Whether it may be taken out of service for them.
  package nonisolated func takeTurn(drains: Bool) { turn.yield(ConsumerTurn(drains: drains)) }

  /// Loads the slots, checks the keytabs and makes them hold what the slots say.
  ///
  /// - Throws: ``OperatorFault`` if the slot file or a keytab is not the agent's own; no keytab has been changed then.
  package func start() throws(OperatorFault) {
    do throws(OperatorFault) {
      accounts = try file.load()
      try keytabs.check(for: accounts)
    } catch {
      try readinessFile?.remove()
      throw error
    }
    let deviations = keytabs.deviations(from: accounts)
    let states = keytabs.install(accounts)
    recallReadiness()
    recallWatches()
    recallConsumers()
    note(states, because: .start)
    keepDrift(deviations, healed: states)
  }

  /// Takes note that a rotator has accepted this agent, and adopts what the keytabs hold for accounts that no order has come for yet. A
  /// keytab that cannot be managed or adopted is part of the reports.
  ///
  /// - Parameters:
  ///   - welcome: What the rotator said.
  ///   - rotator: What the agent's configuration calls it.
  ///   - send: Takes reports that no order asked for, until ``detached(from:)``.
  /// - Returns: A report for every account that the rotator binds to this node.
  /// - Throws: ``OperatorFault`` if the slot file cannot be written, or another rotator's store is in force; then the agent has to dial
  ///   again.
  package func welcomed(
    _ welcome: AttachWelcome, from rotator: String, send: @escaping @Sendable (NodeReport) -> Void
  ) throws(OperatorFault) -> [NodeReport] {
    let former = rotators
    try rotators.welcomed(welcome, from: rotator, at: now(), send: send)
    do throws(OperatorFault) { try bind(under: welcome.fingerprintSecret) } catch {
      rotators = former
      throw error
    }
    bindReadiness(rotators.bindings.map(\.account))
    rememberWatches()
    note(keytabs.install(accounts), because: .start)
    return welcome.accounts.map { newsReport(on: $0.account) }
  }

  /// Takes note that a rotator's stream is gone.
  package func detached(from rotator: String) { rotators.detached(rotator, at: now()) }

  /// Does nothing; who comes back from it knows that the keeper is not stuck.
  package func beat() {}

  /// Removes the readiness file: a node whose agent has stopped is not known to be in service.
  package func stop() {
    serviceState.isInService = false
    do throws(OperatorFault) { try readinessFile?.remove() } catch { logger.error("\(error)") }
  }
}

extension SlotKeeper {
  /// Why keytabs were looked at.
  enum Occasion {
    case start, order, drift
  }

  /// Remembers what became of the keytabs, says what is new, and brings the readiness file and the status up to date.
  func note(_ states: [String: ManagedKeytabs.State], because occasion: Occasion) {
    for (path, state) in states.sorted(by: { $0.key < $1.key }) { say(state, of: path, because: occasion) }
    keytabStates.merge(states) { _, new in new }
    noteConsumers()
    updateReadiness()
    showHoldings()
  }

  /// Tells what the node holds.
  func showHoldings() {
    let keys = accounts.map { Holdings.Key(account: $0.account, version: $0.latest?.version) }
    show(Holdings(keys: keys.sorted { "\($0.account)" < "\($1.account)" }, faults: faults, loss: readiness.loss))
  }

  private var faults: [OperatorFault] {
    let unadopted = bindingFaults.sorted { "\($0.key)" < "\($1.key)" }.map(\.value)
    return unadopted
      + keytabs.paths.compactMap { path in
        if case .faulty(let fault)? = keytabStates[path] { fault } else { nil }
      }
  }

  private func say(_ state: ManagedKeytabs.State, of path: String, because occasion: Occasion) {
    let metadata: Logger.Metadata = ["keytab": "\(path)"]
    switch state {
    case .faulty(let fault): journal.state(.error, of: path, "\(fault)", metadata: metadata)
    case .asOrdered:
      guard keytabStates[path]?.isFaulty == true else { return }
      journal.state(.notice, of: path, "keytab \(path) is in order again", metadata: metadata)
    case .written:
      guard occasion == .drift else {
        return journal.event(.notice, of: "\(path) written", "keytab \(path) written", metadata: metadata)
      }
      journal.event(
        .warning, of: "\(path) drift", "keytab \(path) was not as this agent had left it, and has been restored",
        metadata: metadata)
    }
  }

  /// What the node holds for an account, unasked.
  func report(on account: AccountName) -> NodeReport {
    let slots = accounts.first { $0.account == account }
    return NodeReport(
      account: account, epoch: slots?.applied?.epoch ?? .zero, version: slots?.applied?.version ?? 0,
      refusal: keytabs.paths(of: account).isEmpty ? notConfigured(account, epoch: .zero, version: 0) : nil,
      slots: slots?.slots.map(\.report) ?? [], checksums: [], nonce: [], keytabs: keytabReports(of: account),
      consumers: consumers.reports(on: account, of: configuration.keytabs))
  }

  func notConfigured(_ account: AccountName, epoch: Epoch, version: UInt64) -> OrderRefusal {
    OrderRefusal(
      .accountNotConfigured, "\(configuration.node): no keytab of the agent's configuration names \(account)", epoch: epoch,
      version: version)
  }

  private func keytabReports(of account: AccountName) -> [KeytabReport] {
    keytabs.paths(of: account).map { path in
      if case .faulty(let fault)? = keytabStates[path] { return KeytabReport(path: path, fault: "\(fault)") }
      return KeytabReport(path: path, fault: bindingFaults[account].map { "\($0)" })
    }
  }
}
