package import Foundation
package import RotationCore
import Synchronization

/// Gathers what the agent's parts say of themselves, and tells it on: one sentence, and the steps that must end by themselves.
package final class AgentStatus: Sendable {
  /// The parts that have steps.
  package enum Part: Sendable, Hashable {
    /// The owner of slots and keytabs.
    case keeper
    /// The link to one rotator.
    case link(String)
  }

  private struct State {
    var condition: AgentCondition
    var steps: [Part: DueStep] = [:]
    var isEnding = false
  }

  private let state: Mutex<State>
  private let sink: any PulseTaking
  private let clock: @Sendable () -> Double

  /// Begins with an agent that holds nothing and has dialled nobody.
  ///
  /// - Parameters:
  ///   - rotators: The rotators' names, each another.
  ///   - sink: Told of every change.
  ///   - clock: Seconds of CLOCK_MONOTONIC.
  package init(rotators: [String], sink: any PulseTaking, clock: @escaping @Sendable () -> Double) {
    state = Mutex(State(condition: AgentCondition(rotators: rotators)))
    self.sink = sink
    self.clock = clock
  }

  /// One sentence, true now.
  package var sentence: String { state.withLock { $0.condition.sentence } }

  /// The node holds this now.
  package func holds(_ holdings: Holdings) { change { $0.condition.holdings = holdings } }

  /// A rotator is dialled, which has to come to something within `limit`.
  package func dials(_ rotator: String, within limit: Duration) {
    begins("dialling the rotator", of: .link(rotator), within: limit) { $0.dialling(rotator) }
  }

  /// A rotator accepted the agent. What comes next on the link is somebody else's doing, so nothing of it is due.
  package func attached(to rotator: String, at instant: Date) {
    change { state in
      state.condition.attached(to: rotator, at: instant)
      state.steps[.link(rotator)] = nil
    }
  }

  /// A connection ended or could not be made. The next try has to begin at its time, or within `limit` of it.
  package func linkEnded(
    _ end: LinkEnd, to rotator: String, at instant: Date, nextTry: Date, within limit: Duration
  ) {
    let wait = Duration.seconds(max(0, nextTry.timeIntervalSince(instant)))
    begins("waiting to dial again", of: .link(rotator), within: wait + limit) {
      $0.linkEnded(end, to: rotator, at: instant, nextTry: nextTry)
    }
  }

  /// A part does this from now on, and has to be done with it within `limit`; it replaces what the part did before.
  package func begins(_ phase: String, of part: Part, within limit: Duration) {
    begins(phase, of: part, within: limit) { _ in }
  }

  private func begins(
    _ phase: String, of part: Part, within limit: Duration, _ body: (inout AgentCondition) -> Void
  ) {
    let now = clock()
    change { state in
      state.steps[part] = DueStep(account: nil, phase: phase, since: now, deadline: now + limit / .seconds(1))
      body(&state.condition)
    }
  }

  /// The agent is stopping: nothing is said from now on.
  package func end() { state.withLock { $0.isEnding = true } }

  // Under the lock, so that no older pulse comes after a newer one. A sink does not block.
  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      guard !state.isEnding else { return }
      sink.take(SchedulerPulse(steps: Array(state.steps.values), sentence: state.condition.sentence))
    }
  }
}
