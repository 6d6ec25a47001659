import Logging
import NodeAgent
import RotationCore
import Synchronization
import Systemd
import Testing

@Suite("Dialling again")
struct ReconnectTests {
  @Test("The ceiling doubles from a quarter of a second to fifteen seconds")
  func ceiling() {
    var backoff = ReconnectBackoff(randomness: Extreme(highest: true))
    let waits = (0..<9).map { _ in backoff.next() }
    #expect(waits.map { $0 / .seconds(1) } == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15])
  }

  @Test("The jitter reaches down to nothing")
  func jitter() {
    var backoff = ReconnectBackoff(randomness: Extreme(highest: false))
    #expect(backoff.next() == .zero)
    #expect(backoff.next() == .zero)
  }

  @Test("A reset starts over")
  func reset() {
    var backoff = ReconnectBackoff(randomness: Extreme(highest: true))
    _ = backoff.next()
    _ = backoff.next()
    backoff.reset()
    #expect(backoff.next() == .milliseconds(250))
  }

  static let lost = LinkEnd.lost(OperatorFault(.unavailable, "rotator", "gone"))
  static let refused = LinkEnd.refused(OperatorFault(.permission, "rotator", "refused this agent: not a node"))
  static let unfit = LinkEnd.unfit(OperatorFault(.configuration, "keytab", "foreign"))

  private func run(_ script: [(welcome: Bool, end: LinkEnd)]) async -> (fault: OperatorFault?, waits: [Double], dials: Int) {
    let clock = RecordingClock(limit: script.count)
    let dialler = ScriptedDialler(script)
    let loop = ReconnectLoop(
      dialler: dialler, clock: clock, randomness: Extreme(highest: true), logger: TestNode.quietLogger,
      notifier: ServiceNotifier())
    do throws(OperatorFault) {
      try await loop.run()
      return (nil, clock.waits, dialler.dials)
    } catch {
      return (error, clock.waits, dialler.dials)
    }
  }

  @Test("A lost rotator is dialled again, each time after a longer wait")
  func lost() async {
    let outcome = await run(Array(repeating: (false, Self.lost), count: 4))
    #expect(outcome.waits == [0.25, 0.5, 1, 2])
    #expect(outcome.fault == nil)
  }

  @Test("A welcome shortens the next wait to the first one")
  func afterWelcome() async {
    let outcome = await run([(false, Self.lost), (false, Self.lost), (true, Self.lost), (false, Self.lost)])
    #expect(outcome.waits == [0.25, 0.5, 0.25, 0.5])
  }

  @Test("A refusal before the first welcome ends the agent", arguments: [refused, unfit])
  func refusedAtFirst(end: LinkEnd) async {
    let outcome = await run([(false, Self.lost), (false, end), (false, Self.lost)])
    #expect(outcome.fault != nil)
    #expect(outcome.dials == 2)
  }

  @Test("A refusal after a welcome is tried again", arguments: [refused, unfit])
  func refusedLater(end: LinkEnd) async {
    let outcome = await run([(true, Self.lost), (false, end), (false, Self.lost)])
    #expect(outcome.fault == nil)
    #expect(outcome.dials == 3)
  }
}

/// Always the lowest or the highest value.
private struct Extreme: RandomNumberGenerator {
  let highest: Bool

  mutating func next() -> UInt64 { highest ? .max : .min }
}

/// Plays one end after another.
private final class ScriptedDialler: RotatorDialling {
  private let rest: Mutex<[(welcome: Bool, end: LinkEnd)]>
  private let count = Mutex(0)

  init(_ script: [(welcome: Bool, end: LinkEnd)]) { rest = Mutex(script) }

  var dials: Int { count.withLock { $0 } }

  func dial(onWelcome: @escaping @Sendable () -> Void) async -> LinkEnd {
    count.withLock { $0 += 1 }
    let step = rest.withLock { $0.removeFirst() }
    if step.welcome { onWelcome() }
    return step.end
  }
}

/// Never waits; notes how long it should have, and cancels after `limit` waits.
private final class RecordingClock: Clock {
  typealias Instant = ContinuousClock.Instant

  private let noted = Mutex<[Double]>([])
  private let limit: Int
  private let start = ContinuousClock.now

  init(limit: Int) { self.limit = limit }

  var now: Instant { start }
  var minimumResolution: Duration { .nanoseconds(1) }
  var waits: [Double] { noted.withLock { $0 } }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let count = noted.withLock { waits in
      waits.append((deadline - start) / .seconds(1))
      return waits.count
    }
    if count == limit { throw CancellationError() }
  }
}
