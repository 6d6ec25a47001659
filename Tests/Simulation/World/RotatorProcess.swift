import Foundation
import Logging
import RotationCore

/// One run of the daemon on one site: the production scheduler with ports that die with it.
final class RotatorProcess: @unchecked Sendable {
  // @unchecked: confined to the thread that runs the world.
  enum Condition {
    case running, dying, dead
  }

  let world: World
  let site: RotatorSite
  let serial: Int
  private(set) var condition = Condition.running
  let events: AsyncStream<NodeEvent>
  private let listener: AsyncStream<NodeEvent>.Continuation
  /// The live streams as this side sees them.
  var streams: [NodeName: AgentStream] = [:]
  /// Whether the directory was asked, and answered or was waited for.
  var hasAsked = false
  /// The stamp that the directory last showed, and when this run of the daemon knows it.
  var shown: (stamp: Stamp?, time: Double)?
  /// The same as it was written, so that it is read once.
  var shownText: String?
  var shownStamp: Stamp?
  /// The phase that this run of the daemon saw begin last, and when.
  var phaseBegan: (phase: RotationMachine.Phase, time: Double)?
  /// Whether nothing is open that needs the scheduler's timers in time.
  var isIdle = false
  private(set) var scheduler: RotationScheduler?
  private var task: Task<Void, Never>?
  private var waiting: [Int: () -> Void] = [:]
  private var sleepers: Set<Int> = []
  private var tokens = 0

  init(world: World, site: RotatorSite, serial: Int) {
    self.world = world
    self.site = site
    self.serial = serial
    (events, listener) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
  }

  func start() {
    let scheduler = RotationScheduler(
      accounts: [site.settings(for: self)], fleet: SimulatedFleet(process: self), store: SimulatedStore(process: self),
      recorder: SimulatedJournal(process: self), alarms: nil, pulse: nil, clock: SimulatedClock(process: self),
      entropy: SimulatedEntropy(process: self), logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
    self.scheduler = scheduler
    task = Task(executorPreference: world.executor) { [self] in
      do throws(OperatorFault) { try await scheduler.run(after: nil, onReady: {}) } catch { note("ended: \(error)") }
      ended()
    }
  }

  func note(_ text: @autoclosure () -> String) {
    if world.trace.isOn { world.trace.add(world.now, "\(site.name)#\(serial) \(text())") }
  }

  func tell(_ event: NodeEvent) { listener.yield(event) }

  /// Asks for an orderly stop: what is in flight is still answered.
  func stop() {
    note("is stopped")
    task?.cancel()
  }

  private func ended() {
    guard condition == .running else { return }
    condition = .dead
    (scheduler, task) = (nil, nil)
    note("has stopped")
    site.processEnded(self)
  }
}

// MARK: - Waiting for the world

extension RotatorProcess {
  /// Asks the world for something and waits; a crash meanwhile ends the wait with `failure`, which changes nothing any more.
  nonisolated(nonsending) func ask<Value: Sendable>(
    or failure: Value, _ start: (@escaping (Value) -> Void) -> Void
  ) async -> Value {
    if condition == .dead { return failure }
    return await withUnsafeContinuation { continuation in
      let token = park { continuation.resume(returning: failure) }
      guard condition == .running else { return }
      start { [self] value in
        if waiting.removeValue(forKey: token) != nil { continuation.resume(returning: value) }
      }
    }
  }

  /// Waits until the world wakes it, or the task is cancelled.
  func sleep(_ start: (Int) -> Void) async throws {
    if condition == .dead || Task.isCancelled { throw CancellationError() }
    tokens += 1
    let token = tokens
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        waiting[token] = { continuation.resume() }
        sleepers.insert(token)
        if condition == .running { start(token) }
      }
    } onCancel: {
      wake(token)
    }
    if condition == .dead || Task.isCancelled { throw CancellationError() }
  }

  func wake(_ token: Int) {
    sleepers.remove(token)
    waiting.removeValue(forKey: token)?()
  }

  func wakeSleepers() {
    for token in sleepers.sorted() { wake(token) }
  }

  private func park(_ release: @escaping () -> Void) -> Int {
    tokens += 1
    waiting[tokens] = release
    return tokens
  }
}

// MARK: - Crashing

extension RotatorProcess {
  var isRunning: Bool { condition == .running }

  func strikes(_ kind: FaultKind) -> Bool { condition == .running && world.strikes(kind) }

  /// Crashes here and now: nothing that the caller does after this has an effect.
  nonisolated(nonsending) func die() async {
    crashSoon()
    await ask(or: ()) { _ in }
  }

  func crashSoon() {
    guard condition == .running else { return }
    condition = .dying
    world.crashing.append(self)
  }

  /// Lets every call that is under way fail; the ports are dead from now on.
  func crash() {
    guard condition != .dead else { return }
    note("crashed")
    condition = .dead
    task?.cancel()
    for token in waiting.keys.sorted() { wake(token) }
    listener.finish()
    (scheduler, task) = (nil, nil)
    site.processEnded(self)
  }
}
