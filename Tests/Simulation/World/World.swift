import Foundation
import RotationCore

/// One seeded world. The rotators in it are the production scheduler on ports that the world implements; time is virtual, and everything that
/// happens is one event after another on one thread.
final class World: @unchecked Sendable {
  // @unchecked: a world is confined to the thread that runs it.
  let seed: UInt64
  let scenario: Scenario
  let planted: PlantedFault?
  let executor = SimulationExecutor()
  let trace: Trace
  var random: SplitMix
  var faults: FaultSchedule
  var now = 0.0
  var queue = EventQueue()
  var controllers: [DomainController] = []
  var nodes: [SimulatedNode] = []
  var sites: [RotatorSite] = []
  var truth = Truth()
  var violation: Violation?
  var tally = Tally()
  /// The rotators that crash as soon as every task waits.
  var crashing: [RotatorProcess] = []
  /// The orders that nodes took back because a keytab could not be written.
  var takenBack: Set<OrderDigest> = []
  /// How late an idle rotator's sleep may end now.
  var stride: Double
  /// How long one write takes at most to reach every controller now.
  var lag: Double
  /// Whether everybody waits for old keys to retire, and nothing else is of interest.
  var isWaitingOut = false
  /// Numbers what chance has made so far, so that nothing is made twice.
  var made: UInt64 = 0

  init(seed: UInt64, planted: PlantedFault? = nil, sparing spared: Set<FaultSchedule.Strike> = [], isTraced: Bool = false) {
    self.seed = seed
    self.planted = planted
    scenario = Scenario(seed: seed)
    trace = Trace(isOn: isTraced)
    random = SplitMix(seed: SplitMix.mixed(seed))
    faults = FaultSchedule(seed: SplitMix.mixed(seed ^ 0xFA17), rates: scenario.rates, sparing: spared)
    stride = scenario.stride
    lag = scenario.lag
    populate()
  }

  /// Everything that a domain controller writes to goes to this one; the others only replicate.
  var writer: DomainController { controllers[0] }

  private func populate() {
    let salt = "LAB.EXAMPLEhostasa.lab.example"
    let key = ToyKeys.keyName(of: unique(), salt: salt)
    let secret = DomainController.Secret(password: 0, key: key, salt: salt)
    controllers = (0..<scenario.controllerCount).map { DomainController(index: $0, secret: secret) }
    let issuers = UInt8(1 << controllers.count) - 1
    truth.keys[key] = Truth.KeyLife(rotation: nil, isOurs: true, issuers: issuers, versions: [KeyVersion(7)])
    nodes = scenario.nodes.enumerated().map { SimulatedNode(index: $0, name: $1, world: self) }
    for node in nodes { node.takeOldKeytab(key: key, version: KeyVersion(7)) }
    sites = [RotatorSite(index: 0, world: self)]
    if scenario.company != .none { sites.append(RotatorSite(index: 1, world: self)) }
  }

  /// A number that nothing else in this world has.
  func unique() -> UInt64 {
    made += 1
    return SplitMix.mixed(seed &* 0x1_0001 &+ made) >> 8
  }

  func at(_ time: Double, _ body: @escaping () -> Void) { queue.add(at: max(time, now), body) }

  func after(_ delay: Double, _ body: @escaping () -> Void) { queue.add(at: now + delay, body) }

  func strikes(_ kind: FaultKind) -> Bool {
    guard faults.strikes(kind) else { return false }
    tally.faults[kind.rawValue] += 1
    if trace.isOn { trace.add(now, "! \(kind)") }
    return true
  }

  func fail(_ invariant: Invariant, _ message: @autoclosure () -> String) {
    guard violation == nil else { return }
    violation = Violation(invariant: invariant, time: now, message: message())
    if trace.isOn { trace.add(now, "VIOLATION \(invariant.rawValue): \(violation?.message ?? "")") }
  }
}

// MARK: - Running

extension World {
  /// More events than any world has that comes to an end.
  static let eventLimit = 60_000

  /// Lets things happen until `time`, or until an invariant is broken.
  func run(until time: Double) {
    while violation == nil, let next = queue.nextTime, next <= time {
      step()
      if tally.events > Self.eventLimit { fail(.convergence, "more than \(Self.eventLimit) events") }
    }
    now = max(now, time)
  }

  /// Lets things happen until `time`, or until somebody who looks now and then says that it is enough.
  func run(until time: Double, lookingEvery interval: Double, _ isEnough: () -> Bool) {
    while violation == nil, now < time {
      run(until: min(now + interval, time))
      if isEnough() { return }
    }
  }

  private func step() {
    let event = queue.removeFirst()
    now = event.time
    tally.events += 1
    event.body()
    settle()
  }

  /// Runs everything that is ready, and lets crash what is to crash.
  func settle() {
    executor.drain()
    while let process = crashing.popLast() {
      process.crash()
      executor.drain()
    }
  }

  /// Ends every task of this world, so that nothing of it stays behind.
  func end() {
    for site in sites { site.retire() }
    executor.drain()
    queue = EventQueue()
    // What refers to one another here would live for ever.
    for node in nodes { node.streams = [] }
    (sites, nodes) = ([], [])
  }
}
