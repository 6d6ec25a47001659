/// Follows a stream until it ends or the person has seen enough.
struct Watching: Sendable {
  /// Returns when the person pressed Ctrl-C.
  let interruption: @Sendable () async -> Void

  /// Runs `work`; `nil` if it was interrupted first, which cancels it.
  func run<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        await interruption()
        try Task.checkCancellation()
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next().flatMap { $0 }
    }
  }
}
