import ServiceLifecycle

/// Looks at the keytabs every half minute: somebody else may have changed or removed one.
struct DriftService: Service, CustomStringConvertible {
  /// How long a keytab may stay wrong.
  static let interval: Duration = .seconds(30)

  let keeper: SlotKeeper
  let clock: any Clock<Duration>

  /// The service group logs this instead of everything that the service holds.
  var description: String { "drift" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do { try await clock.sleep(for: Self.interval) } catch { return }
        await keeper.healDrift()
      }
    }
  }
}
