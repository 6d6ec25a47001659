package import RotationCore
import Synchronization
package import Systemd

/// Shows the sentence of a pulse to systemd, for a service that no watchdog looks after.
package final class StatusLine: PulseTaking {
  private let notifier: ServiceNotifier
  private let shown = Mutex("")

  /// Shows it by way of `notifier`.
  package init(notifier: ServiceNotifier) { self.notifier = notifier }

  /// Shows a sentence that has changed.
  package func take(_ pulse: SchedulerPulse) {
    shown.withLock { shown in
      guard shown != pulse.sentence else { return }
      shown = pulse.sentence
      notifier.status(pulse.sentence)
    }
  }
}
