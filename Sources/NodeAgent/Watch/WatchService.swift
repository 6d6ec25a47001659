import AgentProtocol
import PosixStatus
import RotationCore
import ServiceLifecycle

/// Looks at the node's accounts in the directory while a rotator is silent: a rotation may go on without this node, and then it has to leave service
/// before the first ticket under a key that it does not hold.
struct WatchService: Service, CustomStringConvertible {
  /// How long a rotator may be silent, in seconds: two of its clock probes.
  static let toleratedSilence = 20.0
  private static let tick: Duration = .seconds(1)

  let keeper: SlotKeeper
  let contact: RotatorContact
  let look: DirectoryLook
  let clock: any Clock<Duration>

  /// The service group logs this instead of everything that the service holds.
  var description: String { "watch" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var due: [AccountName: Double] = [:]
      let start = MonotonicClock.seconds
      while !Task.isCancelled {
        if MonotonicClock.seconds - start > Self.toleratedSilence { await keeper.settleUnwatched() }
        let isSilent = contact.isSilent(for: Self.toleratedSilence)
        if isSilent { await watch(&due) } else if await keeper.gainsByLooking() { await watch(&due) } else { due = [:] }
        do { try await clock.sleep(for: Self.tick) } catch { return }
      }
    }
  }

  private func watch(_ due: inout [AccountName: Double]) async {
    let targets = await keeper.watchTargets().filter { due[$0.account] ?? 0 <= MonotonicClock.seconds }
    for target in targets { due[target.account] = MonotonicClock.seconds + Double(target.watch.seconds) }
    await withDiscardingTaskGroup { group in
      for target in targets {
        group.addTask { await keeper.take(await look.verdict(on: target), of: target) }
      }
    }
  }
}
