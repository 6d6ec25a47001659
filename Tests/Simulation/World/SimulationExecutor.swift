/// Runs the tasks of one world, one job after another on the thread that calls ``drain()``: default actors and the child tasks of a group run
/// on the executor that their task prefers (SE-0417), so the order of everything is the order in which it became ready.
final class SimulationExecutor: TaskExecutor, @unchecked Sendable {
  // @unchecked: used by the one thread that runs the world.
  private var ready: [UnownedJob] = []
  private var head = 0

  func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  /// Runs until every task waits for the world.
  func drain() {
    let me = asUnownedTaskExecutor()
    while head < ready.count {
      let job = ready[head]
      head += 1
      job.runSynchronously(on: me)
    }
    ready.removeAll(keepingCapacity: true)
    head = 0
  }
}
