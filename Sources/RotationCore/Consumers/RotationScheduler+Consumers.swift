import Foundation

// MARK: - Consumers that have to load a new key

/// A node holds a key only when the programs that use it have loaded it. An answer to an order is held back until then; the nodes take turns.
extension RotationScheduler {
  /// How much longer than it says a node's turn may take, in seconds.
  private static let turnMargin = 15.0

  /// Holds an answer back while consumers of the account on the node have not loaded what it is about.
  ///
  /// - Returns: The answer, if it counts now: with what is wrong with the consumers, where they have failed.
  func withConsumers(_ answer: OrderAnswer) -> OrderAnswer? {
    guard answer.problem == nil, !answer.isComplete else { return answer }
    if isUnsettled(answer.node, answer.account) {
      accounts[answer.account]?.unfinished[answer.node] = answer
      accounts[answer.account]?.unanswered[answer.node] = nil
      post.yield(.turnsAreFree)
      return nil
    }
    var answer = answer
    answer.problem = consumerFaults(of: answer.account)[answer.node]
    return answer
  }

  /// Takes what a node says of its consumers; an answer that waited for them goes on. Who is next is decided when that has had its effect.
  func consumersWereReported(_ report: NodeReport, by node: NodeName) {
    guard !report.consumers.isEmpty || accounts[report.account]?.consumers[node]?.isEmpty == false else { return }
    accounts[report.account]?.consumers[node] = report.consumers
    if report.consumers.contains(where: { $0.state == .acting }) {
      turns.began(on: node, turn(of: node))
      turns.wasHeard(from: node)
    } else if !accountNames.contains(where: { isActing(node, $0) }),
      turns.hasBeenHeard(from: node) || !accountNames.contains(where: { isUnsettled(node, $0) })
    {
      turns.ended(on: node)
    }
    if !isUnsettled(node, report.account) { release(node, account: report.account, problem: nil) }
    post.yield(.turnsAreFree)
  }

  /// A node that is away has no turn; what it had answered it will answer again.
  func consumersWereLost(on node: NodeName) {
    guard accountNames.contains(where: { accounts[$0]?.consumers[node] != nil }) else { return }
    turns.ended(on: node)
    for account in accountNames {
      accounts[account]?.consumers[node] = nil
      accounts[account]?.unfinished[node] = nil
    }
    post.yield(.turnsAreFree)
  }

  /// Ends turns that take longer than the node said they would.
  func endOverdueTurns() {
    let overdue = turns.overdue(at: clock.now())
    guard !overdue.isEmpty else { return }
    for node in overdue {
      turns.ended(on: node)
      for account in accountNames { release(node, account: account, problem: "its consumers were not done in time") }
    }
    post.yield(.turnsAreFree)
  }

  /// How long nodes may take to stage a key: the deadline, and one turn after another for their consumers. The same nodes may get a key of
  /// another account meanwhile, and have turns for that as well.
  func stagingSeconds(of settings: ManagedAccount, participants: [NodeName]) -> TimeInterval {
    let turns = self.settings.values.map { turnSeconds(of: $0, on: participants) }
    return Preflight.seconds(settings.policy.stagingDeadline) + turns.reduce(0, +)
  }

  private func turnSeconds(of settings: ManagedAccount, on nodes: [NodeName]) -> TimeInterval {
    let consumers = accounts[settings.name]?.consumers ?? [:]
    let turns = settings.arrays.map { array, members in
      let times = members.filter(nodes.contains).compactMap { consumers[$0]?.map(\.turnSeconds).max() }
      return ConsumerTurns.seconds(times, maxUnavailable: settings.maxUnavailable[array] ?? 1)
    }
    return turns.reduce(0, +)
  }

  /// What keeps nodes from using the newest key that they hold.
  func consumerFaults(of account: AccountName) -> [NodeName: String] {
    (accounts[account]?.consumers ?? [:]).compactMapValues { $0.compactMap(\.fault).first }
  }

  private func isActing(_ node: NodeName, _ account: AccountName) -> Bool {
    accounts[account]?.consumers[node]?.contains { $0.state == .acting } ?? false
  }

  private func isUnsettled(_ node: NodeName, _ account: AccountName) -> Bool {
    accounts[account]?.consumers[node]?.contains(where: \.isUnsettled) ?? false
  }

  private func release(_ node: NodeName, account: AccountName, problem: String?) {
    guard var answer = accounts[account]?.unfinished.removeValue(forKey: node) else { return }
    answer.problem = problem ?? consumerFaults(of: account)[node]
    answer.isComplete = true
    post.yield(.orderWasAnswered(answer))
  }

  /// Lets nodes begin whose turn it is, when everything that has just become known has had its effect. A rotation that is called off asks for none.
  func grantConsumerTurns(effects: inout [Effect]) {
    let busy = accountNames.filter { name in
      guard let phase = accounts[name]?.record.rotation?.phase else { return true }
      return phase != .fencing && phase != .unstaging
    }
    let waiting = Set(busy.flatMap { accounts[$0].map { state in state.unfinished.keys.filter(state.awaitsConsumers) } ?? [] })
      .sorted()
    for node in waiting where turns.mayBegin(on: node, in: arrays(of: node), unavailable: unavailableNodes) {
      let drains = arrays(of: node).allSatisfy { array in
        array.members.contains { $0 != node && !unavailableNodes.contains($0) && !turns.isActing($0) }
      }
      turns.began(on: node, turn(of: node))
      effects.append { [fleet] in await fleet.grantConsumerTurn(to: node, drains: drains) }
    }
  }

  private func turn(of node: NodeName) -> WallClockWait {
    let seconds = accounts.values.flatMap { $0.consumers[node] ?? [] }.map(\.turnSeconds).max() ?? 0
    return WallClockWait(
      from: clock.now(), until: clock.now().addingTimeInterval(TimeInterval(seconds) + Self.turnMargin))
  }

  private func arrays(of node: NodeName) -> [ConsumerTurns.Array] {
    settings.values.flatMap { settings in
      settings.arrays.filter { $0.value.contains(node) }.map { array, members in
        ConsumerTurns.Array(members: members, maxUnavailable: settings.maxUnavailable[array] ?? 1)
      }
    }
  }

  /// Those that serve nobody: they are away, or a consumer has not come back.
  private var unavailableNodes: Set<NodeName> {
    let away = nodes.filter { $0.value.attachment == nil }.keys
    return Set(away).union(accountNames.flatMap { consumerFaults(of: $0).keys }).subtracting(revokedNodes)
  }
}

extension ManagedState {
  /// Whether a node has carried out the newest order and waits for its consumers; what it waits for of an older one is of no concern.
  func awaitsConsumers(_ node: NodeName) -> Bool {
    unfinished[node].map { ($0.epoch, $0.version) == (record.ledger.epoch, record.ledger.version) } ?? false
  }
}
