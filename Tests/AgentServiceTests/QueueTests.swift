import AgentService
import Foundation
import RotationCore
import Testing

@Suite("What waits for an agent, and what waits for the rotator")
struct QueueTests {
  @Test("The newest order of an account replaces the one that waits")
  func newestOrder() throws {
    var outbox = AgentOutbox()
    for version in [1, 2, 3] as [UInt64] { outbox.add(.order(try Samples.order(version: version, keys: nil))) }
    #expect(versions(taking: &outbox) == [3])
  }

  @Test("An older order does not displace a newer one")
  func olderOrder() throws {
    var outbox = AgentOutbox()
    for version in [3, 2] as [UInt64] { outbox.add(.order(try Samples.order(version: version, keys: nil))) }
    #expect(versions(taking: &outbox) == [3])
  }

  @Test("Accounts do not displace each other's orders, and take turns")
  func accountsInTurn() throws {
    var outbox = AgentOutbox()
    var other = try Samples.order(version: 9, keys: nil)
    other.account = try AccountName("LAB\\other")
    outbox.add(.order(try Samples.order(version: 1, keys: nil)))
    outbox.add(.order(other))
    outbox.add(.order(try Samples.order(version: 2, keys: nil)))
    #expect(versions(taking: &outbox) == [2, 9])
  }

  @Test("Of an account whose keys are to go, no order that waits follows after them; of others it does")
  func removalCancelsOrders() throws {
    var outbox = AgentOutbox()
    var other = try Samples.order(version: 9, keys: nil)
    other.account = try AccountName("LAB\\other")
    let order = try Samples.order(version: 1, keys: nil)
    outbox.add(.order(order))
    outbox.add(.order(other))
    outbox.add(.removeKeys([order.account]))
    #expect(outbox.take() == .removeKeys([order.account]))
    #expect(versions(taking: &outbox) == [9])
  }

  @Test("A node may have only so many events waiting, but its end always fits")
  func eventsPerNode() throws {
    var queue = NodeEventQueue()
    let node = try NodeName("cas-1.lab.example")
    let fitting = (0...NodeEventQueue.perNode).filter { _ in queue.add(.clockMeasured(node, offset: 0)) }
    #expect(fitting.count == NodeEventQueue.perNode)
    let other = queue.add(.clockMeasured(try NodeName("cas-2.lab.example"), offset: 0))
    let end = queue.add(.detached(node, reason: "gone"))
    #expect(other && end)
  }

  @Test("Events that were taken make room for others")
  func eventsTaken() throws {
    var queue = NodeEventQueue()
    let node = try NodeName("cas-1.lab.example")
    for _ in 0..<NodeEventQueue.perNode { _ = queue.add(.clockMeasured(node, offset: 0)) }
    let taken = queue.take()
    let added = queue.add(.clockMeasured(node, offset: 0))
    #expect(taken != nil && added)
  }

  private func versions(taking outbox: inout AgentOutbox) -> [UInt64] {
    var versions: [UInt64] = []
    while case .order(let order) = outbox.take() { versions.append(order.version) }
    return versions
  }
}
