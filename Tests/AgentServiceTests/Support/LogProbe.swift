import Logging

/// A logger whose messages a test waits for, one by one.
final class LogProbe {
  let logger: Logger
  private var iterator: AsyncStream<String>.Iterator

  init() {
    let (messages, feed) = AsyncStream<String>.makeStream()
    iterator = messages.makeAsyncIterator()
    logger = Logger(label: "test") { _ in Handler(feed: feed) }
  }

  /// Skips messages until one begins with `prefix`.
  func message(_ prefix: String) async -> String? {
    while let message = await iterator.next() {
      if message.hasPrefix(prefix) { return message }
    }
    return nil
  }

  private struct Handler: LogHandler {
    let feed: AsyncStream<String>.Continuation
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { feed.yield(event.message.description) }
  }
}
