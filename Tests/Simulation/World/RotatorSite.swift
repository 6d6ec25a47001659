import Foundation
import RotationCore
import SecretMemory

/// One machine on which a rotator runs: its disk, its clock, and the run of the daemon that is alive, if one is.
final class RotatorSite {
  let index: Int
  let name: String
  unowned let world: World
  var disk: Disk
  private(set) var process: RotatorProcess?
  /// What the wall clock shows too much, in seconds.
  var clockError = 0.0
  var boot: String
  /// Whether the machine was started anew.
  var hasRebooted: Bool { boot.contains("+") }
  var bootedAt = -1_000_000.0
  /// The SPNs of its configuration.
  var names = [Names.mail]
  /// Whether its store was exchanged for an older or an empty one: then it may be behind, and what is in it says so.
  var isRestored = false
  /// Whether it runs on a copy of the other site's store.
  var isClone: Bool { index == 1 && world.scenario.company == .copy }
  /// When each node was revoked here, in seconds of the world.
  var revocations: [NodeName: Double] = [:]
  /// The rotations whose lost answer a planted fault takes for a refusal.
  var takenForRefused: Set<RotationID> = []
  /// How often the journal tells of the end of each attempt.
  private(set) var endings: [RotationID: Int] = [:]
  /// What this store calls keys: reckoned once, since nodes ask with every message.
  private var fingerprints: (store: RotatorID?, names: [[UInt64]: KeyFingerprint]) = (nil, [:])
  private var runs = 0
  private var isHeld = false

  init(index: Int, world: World) {
    self.index = index
    self.world = world
    name = ["a", "b"][index]
    boot = "boot-\(name)"
    disk = Disk(identity: Self.identity(world))
  }

  static func identity(_ world: World) -> StoreIdentity {
    let number = world.unique()
    return StoreIdentity(rotator: RotatorID("rot-\(number)") ?? .make(), fingerprintSecret: ToyKeys.password(number))
  }

  func fingerprint(of keys: AccountKeys) -> KeyFingerprint {
    if fingerprints.store != disk.identity.rotator { fingerprints = (disk.identity.rotator, [:]) }
    let numbers = keys.keys.map { ToyKeys.number(of: $0.bytes) }
    if let known = fingerprints.names[numbers] { return known }
    let fingerprint = KeyFingerprint(of: keys, under: disk.identity.fingerprintSecret)
    fingerprints.names[numbers] = fingerprint
    return fingerprint
  }

  var wallTime: Date { Names.start.addingTimeInterval(world.now + clockError) }

  func settings(for process: RotatorProcess) -> ManagedAccount {
    let scenario = world.scenario
    return ManagedAccount(
      name: Names.account, realm: Names.realm, servicePrincipalNames: names, encryptionTypes: scenario.encryptionTypes,
      arrays: scenario.arrays, policy: scenario.policy, controllerName: world.writer.name, timeout: .seconds(10),
      stampAttribute: "adminDescription", requiresPDCEmulator: true, directory: SimulatedDirectory(process: process),
      tickets: SimulatedTickets(process: process), replicas: SimulatedReplicas(process: process))
  }

  // MARK: Runs

  func start() {
    guard !isHeld, process.map({ !$0.isRunning }) ?? true else { return }
    world.checkDisk(of: self)
    // What was not durable is forgotten, revocations too.
    revocations = revocations.filter { disk.nodes[$0.key]?.revokedAt != nil }
    runs += 1
    world.tally.incarnations += 1
    let process = RotatorProcess(world: world, site: self, serial: runs)
    self.process = process
    process.note("starts")
    process.start()
    if world.faults.isOver { world.pause(process) }
    for node in world.nodes { world.dial(from: node, to: self) }
    if disk.account?.rotation != nil, process.strikes(.revocationAtStart) { world.revokeSoon() }
  }

  func processEnded(_ ended: RotatorProcess) {
    guard ended === process else { return }
    for stream in ended.streams.values.sorted(by: { $0.node.index < $1.node.index }) { world.cut(stream) }
    ended.streams = [:]
    loseUnsynced()
    guard !isHeld else { return }
    world.after(world.faults.isOver ? 1 : world.random.seconds(0.2...30)) { [self] in start() }
  }

  /// The journal is not the store: it is not restored with it, and never tells of an end twice.
  func journaled(_ record: OutcomeRecord) {
    // What the store refuses is told at once, and told again if it never became durable.
    guard record.isTerminal, let rotation = record.rotation, !isRestored,
      world.tally.faults[FaultKind.storeRefusal.rawValue] == 0
    else { return }
    endings[rotation, default: 0] += 1
    if endings[rotation, default: 0] > 1 {
      world.fail(.oneTrueRecord, "the journal of \(name) tells twice how \(rotation) ended")
    }
  }

  /// What a crash leaves: a commit that was not synced is gone.
  private func loseUnsynced() {
    if let unsynced = disk.unsyncedSince { disk = unsynced.disk }
  }

  /// The machine is switched off for good.
  func retire() {
    isHeld = true
    process?.crash()
    process = nil
  }

  /// Exchanges the disk under a daemon that is down.
  func exchangeDisk(for other: Disk) {
    isHeld = true
    process?.crash()
    world.executor.drain()
    isHeld = false
    disk = other
    world.after(1) { [self] in start() }
  }

  /// The clock was set: whoever sleeps looks at it again.
  func setClock(error: Double) {
    clockError = error
    process?.note("clock is now wrong by \(Int(error)) s")
    process?.wakeSleepers()
    // Heartbeats measure it anew.
    for node in world.nodes where process?.streams[node.name] != nil {
      process?.tell(.clockMeasured(node.name, offset: -error))
    }
  }
}

/// What a store holds.
struct Disk {
  var identity: StoreIdentity
  var account: AccountRecord?
  var secrets: [RotationID: RotationSecrets] = [:]
  var history: [OutcomeRecord] = []
  var nodes: [NodeName: NodeRecord] = [:]
  var daemon = DaemonRecord()
  /// What stands there in truth, while a planted fault keeps a commit from being synced.
  var unsyncedSince: UnsyncedDisk?

  init(identity: StoreIdentity) { self.identity = identity }

  mutating func apply(_ change: StoreChange) {
    if let account = change.account { self.account = account }
    if let daemon = change.daemon { self.daemon = daemon }
    secrets.merge(change.seal) { _, new in new }
    for rotation in change.destroy { secrets[rotation] = nil }
    history += change.records
  }
}

/// The disk before a commit that was never synced.
final class UnsyncedDisk {
  let disk: Disk
  let time: Double

  init(disk: Disk, time: Double) {
    self.disk = disk
    self.time = time
  }
}
