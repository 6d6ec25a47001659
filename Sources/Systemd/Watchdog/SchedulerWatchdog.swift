import Dispatch
import PosixStatus
package import RotationCore
import Synchronization

/// Feeds systemd's watchdog while the scheduler's steps end in time, and lets it bite when one does not.
///
/// It runs on a dispatch queue of its own: a blocked cooperative pool, which is what it must notice, cannot hold it up.
package final class SchedulerWatchdog: PulseTaking {
  private struct State {
    var judgement: StallJudgement
    var pacing = StatusPacing()
    var isRunning = false
  }

  private let notifier: ServiceNotifier
  private let clock: @Sendable () -> Double
  private let show: @Sendable (String) -> Void
  private let onStall: @Sendable (DueStep) -> Void
  private let state: Mutex<State>
  private let pause: Double
  private let queue = DispatchQueue(label: "asa.watchdog")

  /// Prepares a watchdog; ``start()`` begins to ping.
  ///
  /// - Parameters:
  ///   - notifier: Where pings go.
  ///   - interval: How long systemd waits for a ping; one is sent every third of it.
  ///   - startPeriod: How long the scheduler may take until its first pulse.
  ///   - clock: Seconds of CLOCK_MONOTONIC, which the steps' deadlines are on.
  ///   - show: Takes the pulse's sentence when it changes, at most once per second; `STATUS=` if not given. Called on the watchdog's queue.
  ///   - onStall: Takes the step that did not end, once, before the watchdog is triggered. Called on the watchdog's queue; if it hangs,
  ///     the missing pings end the process all the same.
  package init(
    notifier: ServiceNotifier, interval: Duration, startPeriod: Duration = .seconds(120),
    clock: @escaping @Sendable () -> Double = { MonotonicClock.seconds }, show: (@Sendable (String) -> Void)? = nil,
    onStall: @escaping @Sendable (DueStep) -> Void
  ) {
    self.notifier = notifier
    self.clock = clock
    self.show = show ?? { notifier.status($0) }
    self.onStall = onStall
    let judgement = StallJudgement(interval: interval / .seconds(1), startPeriod: startPeriod / .seconds(1), now: clock())
    pause = judgement.pause
    state = Mutex(State(judgement: judgement))
  }

  /// Begins to ping.
  package func start() {
    let isNews = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if isNews { scheduleTurn() }
  }

  /// Pings and judges no more; for an orderly stop.
  package func stop() { state.withLock { $0.isRunning = false } }

  /// Replaces the pulse before it.
  package func take(_ pulse: SchedulerPulse) {
    let now = clock()
    let delay = state.withLock { state in
      state.judgement.took(pulse.steps)
      return state.pacing.offered(pulse.sentence, at: now)
    }
    guard let delay else { return }
    queue.asyncAfter(deadline: .now() + delay) { [weak self] in self?.showSentence() }
  }

  private func showSentence() {
    let now = clock()
    if let sentence = state.withLock({ $0.pacing.due(at: now) }) { show(sentence) }
  }

  private func scheduleTurn() {
    queue.asyncAfter(deadline: .now() + pause) { [weak self] in self?.turn() }
  }

  private func turn() {
    let now = clock()
    switch state.withLock({ $0.isRunning ? $0.judgement.turned(at: now) : .ended }) {
    case .alive:
      notifier.watchdog()
      scheduleTurn()
    case .stalled(let step):
      onStall(step)
      notifier.trigger()
    case .ended: break
    }
  }
}
