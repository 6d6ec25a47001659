extension ExaminationProgress {
  /// Reports what is waited for until `work` has ended.
  nonisolated func watching<Value, Failure: Error>(
    _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    // Leaving the scope ends it.
    async let _: Void = watch()
    return try await work()
  }

  /// Counts something as waited for while it runs, and keeps how it ended.
  nonisolated func attempting<Value: Sendable, Failure: Error>(
    _ what: String, _ work: () async throws(Failure) -> Value
  ) async -> Result<Value, Failure> {
    await during(what) {
      do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
    }
  }
}
