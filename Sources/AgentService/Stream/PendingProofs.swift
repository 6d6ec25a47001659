import RotationCore
import Synchronization

/// The acceptance proofs that one stream still owes an answer to.
final class PendingProofs: Sendable {
  /// The most that may be open at once on one stream.
  static let limit = 256

  private struct State {
    var lastID: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<ProofAnswer, Never>] = [:]
    var ended: OperatorFault?
  }

  private let state = Mutex(State())

  /// A number that no other proof on this stream has.
  func makeID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Waits for the answer to `id`; `send` runs once the answer can no longer be missed. A cancelled wait gives `unanswered`.
  func answer(to id: UInt64, unanswered: OperatorFault, send: @Sendable () -> Void) async -> ProofAnswer {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if let fault = register(waiter, id: id, unanswered: unanswered) {
          waiter.resume(returning: ProofAnswer(outcome: .failure(fault), rotation: nil))
        } else {
          send()
        }
      }
    } onCancel: {
      resolve(id, with: ProofAnswer(outcome: .failure(unanswered), rotation: nil))
    }
  }

  /// Hands an answer to whoever waits for it; one that came too late is ignored.
  func resolve(_ id: UInt64, with answer: ProofAnswer) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: answer)
  }

  /// Fails everything open and to come.
  func end(_ fault: OperatorFault) {
    let waiters = state.withLock { state in
      state.ended = fault
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume(returning: ProofAnswer(outcome: .failure(fault), rotation: nil)) }
  }

  private func register(
    _ waiter: CheckedContinuation<ProofAnswer, Never>, id: UInt64, unanswered: OperatorFault
  ) -> OperatorFault? {
    state.withLock { state in
      if let ended = state.ended { return ended }
      if Task.isCancelled { return unanswered }
      guard state.waiters.count < Self.limit else {
        return OperatorFault(.temporary, unanswered.subject, "has \(Self.limit) acceptance proofs open", remedy: "try again")
      }
      state.waiters[id] = waiter
      return nil
    }
  }
}
