package import RotationCore

/// Keeps every pulse.
package struct PulseRecorder: PulseTaking {
  /// The pulses so far.
  package let pulses = Chronicle<SchedulerPulse>()

  /// No pulse yet.
  package init() {}

  /// Keeps the pulse.
  package func take(_ pulse: SchedulerPulse) { pulses.append(pulse) }
}
