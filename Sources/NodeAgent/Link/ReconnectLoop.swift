package import Logging
package import RotationCore
import Synchronization
package import Systemd

/// Dials a rotator once and serves it until the connection ends.
package protocol RotatorDialling: Sendable {
  /// Dials, attaches and serves.
  ///
  /// - Parameter onWelcome: Called once the rotator has accepted the agent.
  func dial(onWelcome: @escaping @Sendable () -> Void) async -> LinkEnd
}

/// Keeps the node linked to its rotator for as long as the process lives.
package struct ReconnectLoop<Randomness: RandomNumberGenerator & Sendable>: Sendable {
  private let dialler: any RotatorDialling
  private let clock: any Clock<Duration>
  private let randomness: Randomness
  private let logger: Logger
  private let notifier: ServiceNotifier

  /// Makes a loop over a dialler.
  ///
  /// - Parameters:
  ///   - dialler: Makes one connection at a time.
  ///   - clock: Measures the waits between them.
  ///   - randomness: Spreads the waits.
  ///   - logger: Where every end of a connection is said.
  ///   - notifier: Where the state of the link is said in one sentence.
  package init(
    dialler: any RotatorDialling, clock: any Clock<Duration>, randomness: Randomness, logger: Logger,
    notifier: ServiceNotifier
  ) {
    self.dialler = dialler
    self.clock = clock
    self.randomness = randomness
    self.logger = logger
    self.notifier = notifier
  }

  /// Dials again and again until the task is cancelled.
  ///
  /// - Throws: ``OperatorFault`` if the rotator refuses the agent, or the node proves unfit, before the first welcome: then an administrator
  ///   has to act. Afterwards a refusal is logged and tried again.
  package func run() async throws(OperatorFault) {
    var backoff = ReconnectBackoff(randomness: randomness)
    var wasEverWelcomed = false
    while !Task.isCancelled {
      let welcomed = Flag()
      let end = await dialler.dial {
        welcomed.raise()
        notifier.status("attached to the rotator")
      }
      if Task.isCancelled { return }
      if welcomed.isRaised {
        wasEverWelcomed = true
        backoff.reset()
      }
      try judge(end, wasEverWelcomed: wasEverWelcomed)
      let wait = backoff.next()
      logger.debug("dialling again", metadata: ["asa_wait": "\(wait)"])
      do { try await clock.sleep(for: wait) } catch { return }
    }
  }

  private func judge(_ end: LinkEnd, wasEverWelcomed: Bool) throws(OperatorFault) {
    switch end {
    case .refused(let fault), .unfit(let fault):
      guard wasEverWelcomed else { throw fault }
      logger.error("\(fault)")
      notifier.status("not attached: \(fault)")
    case .lost(let fault):
      logger.warning("\(fault)")
      notifier.status("not attached: \(fault)")
    }
  }
}

/// A flag that goes up once.
private final class Flag: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock { $0 } }

  func raise() { state.withLock { $0 = true } }
}
