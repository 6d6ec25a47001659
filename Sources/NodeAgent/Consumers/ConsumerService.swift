import Configuration
import RotationCore
import ServiceLifecycle

/// Lets the consumers load new keys when the rotator gives this node its turn: out of service first, back in service last.
package struct ConsumerService: Service, CustomStringConvertible {
  private let keeper: SlotKeeper
  private let acting: any ConsumerActing
  private let balancerDelay: Duration
  private let clock: any Clock<Duration>

  /// Serves the turns of one node.
  ///
  /// - Parameters:
  ///   - keeper: Knows which consumers lack a key, and holds the readiness.
  ///   - acting: Makes them read their keytabs.
  ///   - balancerDelay: How long the balancer needs to notice that the readiness has changed.
  ///   - clock: Measures that.
  package init(keeper: SlotKeeper, acting: any ConsumerActing, balancerDelay: Duration, clock: any Clock<Duration>) {
    self.keeper = keeper
    self.acting = acting
    self.balancerDelay = balancerDelay
    self.clock = clock
  }

  /// The service group logs this instead of everything that the service holds.
  package var description: String { "consumers" }

  /// Takes turns until the agent stops.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      for await turn in keeper.turns { await take(turn) }
    }
  }

  private func take(_ turn: ConsumerTurn) async {
    let turn = await keeper.beginTurn(drains: turn.drains)
    if !turn.consumers.isEmpty {
      if turn.wasInService { await waitForBalancer() }
      for consumer in turn.consumers where !Task.isCancelled { await renew(consumer) }
      if await keeper.endDraining() { await waitForBalancer() }
    }
    await keeper.endTurn()
  }

  private func renew(_ consumer: ConsumerConfiguration) async {
    let keys = await keeper.keys(of: consumer)
    var result = Result<Void, OperatorFault>.success(())
    do throws(OperatorFault) { try await acting.renew(consumer) } catch { result = .failure(error) }
    await keeper.consumerWasRenewed(consumer, keys, result)
  }

  private func waitForBalancer() async { try? await clock.sleep(for: balancerDelay) }
}

/// What a rotator permits a node to do for its consumers.
struct ConsumerTurn: Sendable {
  /// Whether the node may leave service meanwhile.
  let drains: Bool
}

extension AgentConfiguration {
  /// How long to wait for the balancer; not at all where nothing tells it of the node's readiness.
  var drainTime: Duration { readinessFile == nil && agentCheck == nil ? .zero : balancerDelay }

  /// How long a turn of the consumers may take at most, in seconds.
  var turnSeconds: Int {
    let actions = consumers.reduce(Duration.zero) { $0 + $1.timeout }
    return Int((actions + drainTime * 2).components.seconds) + 5
  }
}
