import Synchronization

/// Things that happened, in order, and a way to wait for one of them.
package final class Chronicle<Entry: Sendable>: Sendable {
  private struct State {
    var entries: [Entry] = []
    var listeners: [AsyncStream<Entry>.Continuation] = []
  }

  private let state = Mutex(State())

  /// An empty chronicle.
  package init() {}

  /// Everything so far.
  package var entries: [Entry] { state.withLock(\.entries) }

  /// Writes an entry and wakes those who wait for it.
  package func append(_ entry: Entry) {
    state.withLock { state in
      state.entries.append(entry)
      for listener in state.listeners { listener.yield(entry) }
    }
  }

  /// The first entry that fits, from the `skipping`-th on, as soon as there is one.
  ///
  /// - Throws: `CancellationError`, so that a test's time limit ends the waiting.
  @discardableResult
  package func first(skipping: Int = 0, where fits: @Sendable (Entry) -> Bool) async throws -> Entry {
    let (stream, listener) = AsyncStream.makeStream(of: Entry.self)
    state.withLock { state in
      for entry in state.entries.dropFirst(skipping) { listener.yield(entry) }
      state.listeners.append(listener)
    }
    defer { listener.finish() }
    for await entry in stream where fits(entry) { return entry }
    throw CancellationError()
  }
}
