/// One step of ours that must end by itself within a bounded time.
package struct DueStep: Sendable, Equatable, Codable {
  /// The account that it is for; `nil` for the scheduler's own loop.
  package var account: AccountName?
  /// The rotation that it belongs to, if any.
  package var rotation: RotationID?
  /// The phase or the name of the work.
  package var phase: String
  /// The node that it waits for, if it is one.
  package var node: NodeName?
  /// When it began, in seconds of CLOCK_MONOTONIC.
  package var since: Double
  /// When it must have ended, in seconds of CLOCK_MONOTONIC.
  package var deadline: Double

  /// Makes a step from its parts.
  package init(
    account: AccountName?, rotation: RotationID? = nil, phase: String, node: NodeName? = nil, since: Double, deadline: Double
  ) {
    self.account = account
    self.rotation = rotation
    self.phase = phase
    self.node = node
    self.since = since
    self.deadline = deadline
  }
}

/// What the scheduler tells the watchdog after every turn of its loop.
package struct SchedulerPulse: Sendable, Equatable {
  /// Everything that must end by itself, the loop's next turn included. What waits for somebody else, with a reason and a next try on
  /// record, is not in it.
  package var steps: [DueStep]
  /// One true sentence for `systemctl status`.
  package var sentence: String

  /// Makes a pulse from its parts.
  package init(steps: [DueStep], sentence: String) {
    self.steps = steps
    self.sentence = sentence
  }
}

/// Takes the scheduler's pulse. It must not block.
package protocol PulseTaking: Sendable {
  /// Replaces the pulse before it.
  func take(_ pulse: SchedulerPulse)
}
