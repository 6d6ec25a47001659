import Configuration
import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import Synchronization
import Testing

@Suite("Consumers that cache the keytab", .timeLimit(.minutes(1)))
struct ConsumerTests {
  /// What a test lets happen to consumers, and whether the node was ready meanwhile.
  private final class Acting: ConsumerActing {
    private let node: TestNode
    private let problem: String?
    private let seen = Mutex<[Bool]>([])

    init(_ node: TestNode, problem: String? = nil) {
      self.node = node
      self.problem = problem
    }

    var wasReady: [Bool] { seen.withLock { $0 } }

    func renew(_ consumer: ConsumerConfiguration) async throws(OperatorFault) {
      seen.withLock { $0.append(node.directory.exists("ready")) }
      if let problem { throw OperatorFault(.system, consumer.name, problem) }
    }
  }

  private let node: TestNode
  private let first = RotationID.make()
  private let second = RotationID.make()

  init() throws {
    var node = try TestNode()
    node.configuration.consumers = [ConsumerConfiguration(name: "dovecot.service", action: .restart("dovecot.service"))]
    self.node = node
  }

  /// An agent that serves with kvno 4 in `boot`.
  private func serving(boot: String = "0123456789abcdef0123456789abcdef") async throws -> SlotKeeper {
    let keeper = try node.keeper(boot: boot)
    try await keeper.start()
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { _ in }
    return keeper
  }

  private func order(_ slots: [OrderedSlot], version: UInt64) throws -> SlotOrder {
    try Samples.order(version, epoch: Epoch(era: 1, number: 6), rotation: second, slots: slots)
  }

  private func state(_ report: NodeReport) -> ConsumerReport.State? { report.consumers.first?.state }

  /// Gives the node its turn and waits for the report that ends it.
  private func turn(_ keeper: SlotKeeper, _ acting: Acting) async throws -> ConsumerReport {
    let (reports, sink) = AsyncStream.makeStream(of: NodeReport.self)
    _ = try await keeper.welcomed(try node.welcome(), from: "r") { sink.yield($0) }
    let service = ConsumerService(keeper: keeper, acting: acting, balancerDelay: .zero, clock: ContinuousClock())
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      keeper.takeTurn(drains: true)
      defer { group.cancelAll() }
      for await report in reports where report.consumers.first.map({ !$0.isUnsettled }) ?? false {
        return try #require(report.consumers.first)
      }
      throw CancellationError()
    }
  }

  @Test("What a consumer found when the agent was first started it has loaded; a new key it has not")
  func newKey() async throws {
    let keeper = try await serving()
    let latest = Samples.slot(4, .latest, rotation: first, committed: Epoch(era: 1, number: 5))
    let staged = Samples.slot(5, .next, rotation: second)
    #expect(state(await keeper.carryOut(try order([latest], version: 1))) == .pending)
    #expect(try await turn(keeper, Acting(node)).state == .current)
    #expect(state(await keeper.carryOut(try order([staged, latest], version: 2))) == .pending)
  }

  @Test("Only a new key asks for a turn: neither a promotion nor the end of a key does")
  func noNewKey() async throws {
    let keeper = try await serving()
    let latest = Samples.slot(4, .latest, rotation: first, committed: Epoch(era: 1, number: 5))
    let staged = Samples.slot(5, .next, rotation: second)
    _ = await keeper.carryOut(try order([staged, latest], version: 1))
    #expect(try await turn(keeper, Acting(node)).state == .current)
    let promoted = staged.becoming(.latest, committed: Epoch(era: 1, number: 6))
    #expect(state(await keeper.carryOut(try order([promoted, latest.becoming(.previous)], version: 2))) == .current)
    var last = try order([promoted], version: 3)
    last.drop = [first]
    #expect(state(await keeper.carryOut(last)) == .current)
  }

  @Test(
    "A consumer that does not come back is reported with its problem, and tried again with the next order, not with the same one"
  )
  func failed() async throws {
    let keeper = try await serving()
    let latest = Samples.slot(4, .latest, rotation: first, committed: Epoch(era: 1, number: 5))
    _ = await keeper.carryOut(try order([latest], version: 1))
    let report = try await turn(keeper, Acting(node, problem: "is failed after its restart"))
    #expect(report.state == .failed)
    #expect(report.problem == "is failed after its restart")
    #expect(state(await keeper.carryOut(try order([latest], version: 1))) == .failed)
    #expect(state(await keeper.carryOut(try order([latest], version: 2))) == .pending)
  }

  @Test("An agent that is started again in the same boot knows what its consumers lack; after a boot they have read everything")
  func restart() async throws {
    let latest = Samples.slot(4, .latest, rotation: first, committed: Epoch(era: 1, number: 5))
    do {
      let keeper = try await serving()
      _ = await keeper.carryOut(try order([latest], version: 1))
    }
    do {
      let keeper = try await serving()
      #expect(state(await keeper.carryOut(try order([latest], version: 1))) == .pending)
    }
    let keeper = try await serving(boot: String(repeating: "e", count: 32))
    #expect(state(await keeper.carryOut(try order([latest], version: 1))) == .current)
  }
}
