package import Logging
import PosixStatus
import Synchronization

/// The agent's log for what may happen again and again: each thing has its own ``JournalPacing``.
package final class PacedJournal: Sendable {
  private struct Line {
    let level: Logger.Level
    let text: String?
    let message: String
    let metadata: Logger.Metadata
  }

  private struct Topic {
    var pacing: JournalPacing
    var waiting: Line?
  }

  /// For what happens rarely.
  package let logger: Logger
  private let clock: @Sendable () -> Double
  private let topics = Mutex<[String: Topic]>([:])

  /// Writes to `logger`; `clock` gives seconds and does not jump.
  package init(_ logger: Logger, clock: @escaping @Sendable () -> Double = { BootClock.seconds }) {
    self.logger = logger
    self.clock = clock
  }

  /// Says how something stands. The same again is a reminder, and said hourly.
  ///
  /// - Parameters:
  ///   - topic: What it is about; of few values.
  ///   - text: What tells one state from another, if not the message.
  package func state(
    _ level: Logger.Level, of topic: String, _ message: String, text: String? = nil, metadata: Logger.Metadata = [:]
  ) {
    offer(Line(level: level, text: text ?? message, message: message, metadata: metadata), topic: topic)
  }

  /// Says that something happened.
  ///
  /// - Parameter topic: What it is about; of few values.
  package func event(_ level: Logger.Level, of topic: String, _ message: String, metadata: Logger.Metadata = [:]) {
    offer(Line(level: level, text: nil, message: message, metadata: metadata), topic: topic)
  }

  /// Says what had no room when it was new, and has now.
  package func catchUp() {
    let now = clock()
    topics.withLock { topics in
      for (name, topic) in topics {
        guard let line = topic.waiting else { continue }
        var topic = topic
        settle(line, topic.pacing.offeredAgain(line.text, at: now), &topic)
        topics[name] = topic
      }
    }
  }

  private func offer(_ line: Line, topic name: String) {
    let now = clock()
    topics.withLock { topics in
      var topic = topics[name] ?? Topic(pacing: JournalPacing(now: now))
      settle(line, topic.pacing.offered(line.text, at: now), &topic)
      topics[name] = topic
    }
  }

  private func settle(_ line: Line, _ verdict: JournalPacing.Verdict, _ topic: inout Topic) {
    topic.waiting = nil
    switch verdict {
    case .known: break
    case .later: topic.waiting = line
    case .say(let unsaid):
      let addition = unsaid > 0 ? " (\(unsaid) other changes before this one were not logged)" : ""
      logger.log(level: line.level, "\(line.message)\(addition)", metadata: line.metadata)
    }
  }
}
