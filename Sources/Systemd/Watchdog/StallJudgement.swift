package import RotationCore

/// Decides whether the scheduler is alive. Pure: pulses and turns of the watchdog's timer in, verdicts out, time as an argument.
package struct StallJudgement: Sendable {
  /// What to do at one turn of the timer.
  package enum Verdict: Sendable, Equatable {
    /// No step is past its deadline, or the watchdog itself was held up and cannot tell: ping.
    case alive
    /// This step is past its deadline; said once.
    case stalled(DueStep)
    /// A stall was found before: ping no more.
    case ended
  }

  /// The phase of the step that stands for everything before the first pulse.
  package static let startPhase = "start"

  /// Seconds between two turns: a third of what systemd waits for.
  package let pause: Double
  private let interval: Double
  private var steps: [DueStep]
  private var lastTurn: Double
  private var graceEnds = -Double.infinity
  private var isEnded = false

  /// Begins to watch, with a bounded time for the first pulse to come.
  ///
  /// - Parameters:
  ///   - interval: Seconds that systemd waits for a ping.
  ///   - startPeriod: Seconds until the first pulse must have come.
  ///   - now: Seconds of the clock that the steps' deadlines are on.
  package init(interval: Double, startPeriod: Double, now: Double) {
    self.interval = interval
    pause = interval / 3
    steps = [DueStep(account: nil, phase: Self.startPhase, since: now, deadline: now + startPeriod)]
    lastTurn = now
  }

  /// The scheduler told what must end by itself; it replaces what it told before.
  package mutating func took(_ steps: [DueStep]) { self.steps = steps }

  /// The timer fired.
  package mutating func turned(at now: Double) -> Verdict {
    // Late means that the whole process was held up (SIGSTOP, a starved machine): the scheduler had no time to work either.
    if now - lastTurn > 2 * pause { graceEnds = now + interval }
    lastTurn = now
    guard !isEnded else { return .ended }
    let overdue = steps.filter { $0.deadline < now }.min { $0.deadline < $1.deadline }
    guard let overdue, now >= graceEnds else { return .alive }
    isEnded = true
    return .stalled(overdue)
  }
}
