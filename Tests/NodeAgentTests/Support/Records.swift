import Logging
import RotationCore
import Synchronization

/// The pulses that an agent has given.
final class PulseRecord: PulseTaking {
  private let pulses = Mutex<[SchedulerPulse]>([])

  var all: [SchedulerPulse] { pulses.withLock { $0 } }

  func take(_ pulse: SchedulerPulse) { pulses.withLock { $0.append(pulse) } }
}

/// The lines that have been logged, each with its level.
final class LogRecord: Sendable {
  private let written = Mutex<[String]>([])

  var lines: [String] { written.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(record: self) } }

  private struct Handler: LogHandler {
    let record: LogRecord
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { record.written.withLock { $0.append("\(event.level) \(event.message)") } }
  }
}
