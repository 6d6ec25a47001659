package import Foundation
import Logging
import RotationCore
import Synchronization

/// How far one connection has come.
package enum LinkProgress: Sendable, Equatable {
  /// The rotator has accepted the agent, and binds so many accounts to its node.
  case welcomed(accounts: Int)
  /// The stream has ended; what is left is to close the connection.
  case ended
}

/// Dials a rotator once and serves it until the connection ends.
package protocol RotatorDialling: Sendable {
  /// Dials, attaches and serves.
  ///
  /// - Parameter progress: Called as the connection comes along.
  func dial(progress: @escaping @Sendable (LinkProgress) -> Void) async -> LinkEnd
}

/// Keeps the node linked to one rotator for as long as the process lives: whatever the rotator says or does, the agent stays up for its
/// keytabs, and tries again.
package struct ReconnectLoop<Randomness: RandomNumberGenerator & Sendable>: Sendable {
  /// How long a step of the link that is ours alone may take: dialling, which has a deadline of its own, and closing.
  package static var limit: Duration { .seconds(60) }

  private let dialler: any RotatorDialling
  private let rotator: String
  private let clock: any Clock<Duration>
  private let randomness: Randomness
  private let journal: PacedJournal
  private let status: AgentStatus
  private let now: @Sendable () -> Date

  /// Makes a loop over a dialler.
  ///
  /// - Parameters:
  ///   - dialler: Makes one connection at a time.
  ///   - rotator: What the configuration calls the rotator.
  ///   - clock: Measures the waits between them.
  ///   - randomness: Spreads the waits.
  ///   - journal: Where every change of the link is said.
  ///   - status: Told how the link stands.
  ///   - now: The node's time.
  package init(
    dialler: any RotatorDialling, rotator: String, clock: any Clock<Duration>, randomness: Randomness, journal: PacedJournal,
    status: AgentStatus, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.dialler = dialler
    self.rotator = rotator
    self.clock = clock
    self.randomness = randomness
    self.journal = journal
    self.status = status
    self.now = now
  }

  /// Dials again and again until the task is cancelled.
  package func run() async {
    var backoff = ReconnectBackoff(randomness: randomness)
    while !Task.isCancelled {
      status.dials(rotator, within: Self.limit)
      let welcomed = Flag()
      let end = await dialler.dial { progress in
        if case .welcomed = progress { welcomed.raise() }
        note(progress)
      }
      if Task.isCancelled { return }
      if welcomed.isRaised { backoff.reset() }
      let wait = backoff.next()
      note(end, wasAttached: welcomed.isRaised, wait: wait)
      do { try await clock.sleep(for: wait) } catch { return }
    }
  }

  private func note(_ progress: LinkProgress) {
    switch progress {
    case .welcomed(let accounts):
      status.attached(to: rotator, at: now())
      journal.state(
        .notice, of: "link \(rotator)",
        "attached to rotator \(rotator), which names \(accounts) account\(accounts == 1 ? "" : "s") for this node",
        metadata: ["rotator": "\(rotator)", "accounts": "\(accounts)"])
    case .ended:
      status.begins("closing the link", of: .link(rotator), within: Self.limit)
    }
  }

  private func note(_ end: LinkEnd, wasAttached: Bool, wait: Duration) {
    let instant = now()
    status.linkEnded(end, to: rotator, at: instant, nextTry: instant + wait / .seconds(1), within: Self.limit)
    let seconds = (wait / .seconds(1)).formatted(
      .number.precision(.fractionLength(1)).locale(Locale(identifier: "en_US_POSIX")))
    journal.state(
      end.isRefusal ? .error : .warning, of: "link \(rotator)",
      "\(wasAttached ? "detached" : "not attached"): \(end.fault); next try in \(seconds) s",
      text: "\(wasAttached) \(end.isRefusal) \(end.fault)",
      metadata: ["rotator": "\(rotator)", "reason": "\(end.fault.problem)", "next_try": "\(seconds)"])
  }
}

/// A flag that goes up once.
private final class Flag: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock { $0 } }

  func raise() { state.withLock { $0 = true } }
}
