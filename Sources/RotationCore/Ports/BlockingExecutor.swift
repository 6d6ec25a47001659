import Dispatch

/// Runs an actor's jobs one after another on a thread that may block, so that libkrb5 and libldap never hold up the cooperative pool.
package final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// Makes an executor whose thread carries `label`.
  package init(label: String) { queue = DispatchQueue(label: label) }

  /// Runs the job on the blocking thread, after those before it.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// This executor, for `unownedExecutor` of an actor.
  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
