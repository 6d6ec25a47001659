import ServiceLifecycle

/// Passes through the slot keeper again and again: while it does, neither the keeper nor the threads that all tasks share are blocked.
struct HeartbeatService: Service, CustomStringConvertible {
  /// How often.
  static let interval: Duration = .seconds(10)
  /// How long one turn may take; a keeper at work on the largest keytabs needs a small part of it.
  static let limit: Duration = .seconds(60)

  let keeper: SlotKeeper
  let status: AgentStatus
  let journal: PacedJournal
  let clock: any Clock<Duration>

  /// The service group logs this instead of everything that the service holds.
  var description: String { "heartbeat" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        status.begins("turn of the slot keeper", of: .keeper, within: Self.interval + Self.limit)
        await keeper.beat()
        journal.catchUp()
        do { try await clock.sleep(for: Self.interval) } catch { return }
      }
    }
  }
}
