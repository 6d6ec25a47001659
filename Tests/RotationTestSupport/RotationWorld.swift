import Foundation
import Logging
package import RotationCore
import SecretMemory

/// A whole world on fakes: one DC, one account, three nodes that hold its key, one store that outlives its schedulers.
package struct RotationWorld: Sendable {
  /// The account.
  package let account: AccountName
  /// The nodes.
  package let nodes: [NodeName]
  /// What all ports saw, in order.
  package let trace: Chronicle<PortCall>
  /// Everybody's clock.
  package let clock: ManualPolicyClock
  /// The DC.
  package let directory: FakePasswordDirectory
  /// The nodes' agents.
  package let fleet: FakeNodeFleet
  /// The store.
  package var store: InMemoryRotationStore
  /// The journal.
  package let recorder: RecordingOutcomeRecorder
  /// Where alarms go.
  package let alarms = RecordingAlarms()
  /// What the watchdog is told.
  package let pulse = PulseRecorder()
  /// The configuration; a scheduler takes what it says when it starts.
  package var settings: ManagedAccount
  /// Told of every boundary that a scheduler reaches.
  package var reached: @Sendable (Boundary) -> Void = { _ in }

  /// Makes the world; with `isOnboarding`, no node holds a key yet.
  ///
  /// - Parameters:
  ///   - supported: msDS-SupportedEncryptionTypes of the account.
  ///   - found: The types of the keys in the nodes' keytabs.
  ///   - absentGrace: What nodes that are away are given to leave service; by default they have left it.
  ///   - name: The account's name, in the domain LAB.
  ///   - hosts: The nodes of its array.
  ///   - world: Whose clock, trace, store and journal it has; `nil`: its own.
  /// - Throws: ``OperatorFault``, never.
  package init(
    policy: RotationPolicy = RotationPolicy(every: .seconds(86_400)), isOnboarding: Bool = false, supported: UInt32? = 24,
    found: [EncryptionType] = EncryptionType.standard, absentGrace: Duration = .zero, name: String = "EXCH2016ASA$",
    hosts: [String] = ["cas-1", "cas-2", "cas-3"], beside world: RotationWorld? = nil
  ) throws(OperatorFault) {
    var policy = policy
    policy.absentGrace = absentGrace
    account = try AccountName("LAB\\\(name)")
    var nodes: [NodeName] = []
    for host in hosts { nodes.append(try NodeName("\(host).lab.example")) }
    self.nodes = nodes
    trace = world?.trace ?? Chronicle()
    clock = world?.clock ?? ManualPolicyClock()
    recorder = world?.recorder ?? RecordingOutcomeRecorder()
    store = world?.store ?? InMemoryRotationStore(trace: trace)
    let realm = Realm("LAB.EXAMPLE")
    let names = [try ServicePrincipalName("http/mail.lab.example"), try ServicePrincipalName("http/autodiscover.lab.example")]
    var stored = Self.storedAccount(name, names)
    stored.supportedEncryptionTypes = supported
    let keys = ToyCryptography.keys(
      of: .random(count: 20), salt: KeySalt.forNextSet(of: stored, realm: realm), encryptionTypes: EncryptionType.allCases)
    let installed = AccountKeys(
      keys: keys.keys.filter { key in found.contains { $0.rawValue == key.encryptionType } }, salt: nil)
    directory = FakePasswordDirectory(account: stored, keys: keys, realm: realm, trace: trace)
    fleet = FakeNodeFleet(
      of: account, nodes: nodes, adopting: isOnboarding ? nil : installed, version: stored.version, clock: clock, trace: trace)
    settings = ManagedAccount(
      name: account, realm: realm, servicePrincipalNames: names, encryptionTypes: [.aes256, .aes128],
      arrays: ["mail.lab.example": nodes], policy: policy, controllerName: "dc1.lab.example", timeout: .seconds(10),
      stampAttribute: "adminDescription", requiresPDCEmulator: true,
      directory: directory, tickets: FakeTicketChecker(directory: directory, clock: clock))
  }

  private static func storedAccount(_ name: String, _ names: [ServicePrincipalName]) -> DirectoryAccount {
    DirectoryAccount(
      objectGUID: UUID(), distinguishedName: "CN=\(name.filter { $0 != "$" }),CN=Computers,DC=lab,DC=example",
      samAccountName: name, kind: .computer, userPrincipalName: nil, version: KeyVersion(7), isEnabled: true,
      supportedEncryptionTypes: 24,
      servicePrincipalNames: names.map(\.description), stamp: nil, passwordLastSet: nil, mayResetPassword: true,
      mayWriteStamp: true, mayWriteEncryptionTypes: true, conflictingHolders: [:],
      server: DirectoryServer(
        dnsHostName: "dc1.lab.example", serviceIdentity: "dc1", invocationID: "", isPDCEmulator: true, clockOffset: 0,
        securityStrength: 256))
  }

  /// Runs a scheduler on this world while `body` runs, then stops it as a crash would: what is in flight gets no answer.
  ///
  /// `body` starts when every attached node has been seen.
  @discardableResult
  package func whileRunning<Value: Sendable>(
    after stall: DueStep? = nil, _ body: (RotationScheduler) async throws -> Value
  ) async throws -> Value {
    let scheduler = RotationScheduler(
      accounts: [settings], fleet: fleet, store: store, recorder: recorder, alarms: alarms, pulse: pulse, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, reached: reached)
    let mark = trace.entries.count
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await scheduler.run(after: stall, onReady: {}) }
      for node in nodes where fleet[node].isAttached { try await saw(node, since: mark) }
      let value = try await body(scheduler)
      group.cancelAll()
      return value
    }
  }

  /// Deletes the store: the next scheduler makes a new one, with another identity, and nodes name their keys under its secret.
  package mutating func loseStore() async throws {
    store = InMemoryRotationStore(trace: trace)
    fleet.welcome(under: try await store.identity().fingerprintSecret)
  }

  /// Waits until the scheduler has seen a node attach and has saved what it holds.
  ///
  /// - Parameter mark: The length of the trace before.
  package func saw(_ node: NodeName, since mark: Int) async throws {
    try await trace.first(skipping: mark) { if case .remembered(node) = $0 { true } else { false } }
    try await trace.first(skipping: mark) { call in
      if case .committed(let change) = call { change.account?.holdings[node] != nil } else { false }
    }
  }

  /// Rotates and returns everything that a watcher is told.
  package func rotate(
    on scheduler: RotationScheduler, isDryRun: Bool = false, isTakeover: Bool = false, compromise: Compromise? = nil,
    scope: RotationScope? = nil
  ) async -> [RotationProgress] {
    var progress: [RotationProgress] = []
    let steps = scheduler.rotate(
      account, isDryRun: isDryRun, isTakeover: isTakeover, compromise: compromise, scope: scope)
    for await step in steps { progress.append(step) }
    return progress
  }
}

extension [RotationProgress] {
  /// Everything to know about how it ended, if it did.
  package var report: RotationReport? {
    for case .report(let report) in self { return report }
    return nil
  }

  /// How it ended, if it did.
  package var ending: RotationEnding? {
    for case .ended(_, let ending) in self { return ending }
    return nil
  }

  /// Why it never began, if it did not.
  package var refusal: OperatorFault? {
    for case .refused(let fault) in self { return fault }
    return nil
  }

  /// The phases, in order.
  package var phases: [String] {
    compactMap { step in if case .phase(let name, _) = step { name } else { nil } }
  }
}
