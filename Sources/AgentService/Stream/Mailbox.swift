import Synchronization

/// Something that a ``Mailbox`` can hold: it decides what is taken next.
package protocol MailboxContents: Sendable {
  /// What the consumer gets.
  associatedtype Item: Sendable

  /// Removes and returns the next item; `nil` if there is none now.
  mutating func take() -> Item?
}

/// Hands items to one waiting consumer. What is kept, and in what order, is the business of its contents.
final class Mailbox<Contents: MailboxContents>: Sendable {
  private struct State {
    var contents: Contents
    var waiter: CheckedContinuation<Contents.Item?, Never>?
    var isClosed = false
  }

  private let state: Mutex<State>

  init(_ contents: Contents) { state = Mutex(State(contents: contents)) }

  /// Changes the contents and hands an item to the consumer if it waits.
  func update<Result: Sendable>(_ change: (inout Contents) -> Result) -> Result {
    let (result, delivery) = state.withLock { state -> (Result, Delivery?) in
      let result = change(&state.contents)
      guard let waiter = state.waiter, let item = state.contents.take() else { return (result, nil) }
      state.waiter = nil
      return (result, Delivery(waiter: waiter, item: item))
    }
    delivery?.hand()
    return result
  }

  /// The next item, as soon as there is one; `nil` when the mailbox is closed and empty, or the caller is cancelled.
  func next() async -> Contents.Item? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let delivery = state.withLock { state -> Delivery? in
          if let item = state.contents.take() { return Delivery(waiter: waiter, item: item) }
          if state.isClosed || Task.isCancelled { return Delivery(waiter: waiter, item: nil) }
          state.waiter = waiter
          return nil
        }
        delivery?.hand()
      }
    } onCancel: {
      release(closing: false)
    }
  }

  /// Ends the consumer's wait once the contents are empty.
  func close() { release(closing: true) }

  private func release(closing: Bool) {
    let waiter = state.withLock { state in
      if closing { state.isClosed = true }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: nil)
  }

  private struct Delivery {
    let waiter: CheckedContinuation<Contents.Item?, Never>
    let item: Contents.Item?

    // Outside the lock: resuming may run the consumer at once.
    func hand() { waiter.resume(returning: item) }
  }
}
