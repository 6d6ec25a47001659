import Logging
import NodeAgent
import RotationCore
import RotationTestSupport
import Synchronization
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

  private struct Outcome {
    let waits: [Double]
    let dials: Int
    let pulses: [SchedulerPulse]
    let log: [String]
  }

  private func run(_ script: [(welcome: Bool, end: LinkEnd)]) async -> Outcome {
    let clock = RecordingClock(limit: script.count)
    let dialler = ScriptedDialler(script)
    let pulses = PulseRecord()
    let log = LogRecord()
    let loop = ReconnectLoop(
      dialler: dialler, rotator: "rotator.lab.example", clock: clock, randomness: Extreme(highest: true),
      journal: PacedJournal(log.logger, clock: { 0 }),
      status: AgentStatus(rotators: ["rotator.lab.example"], sink: pulses, clock: { 100 }), now: { Samples.start })
    await loop.run()
    return Outcome(waits: clock.waits, dials: dialler.dials, pulses: pulses.all, log: log.lines)
  }

  @Test("A lost rotator is dialled again, each time after a longer wait")
  func lost() async {
    #expect(await run(Array(repeating: (false, Self.lost), count: 4)).waits == [0.25, 0.5, 1, 2])
  }

  @Test("A welcome shortens the next wait to the first one")
  func afterWelcome() async {
    let outcome = await run([(false, Self.lost), (false, Self.lost), (true, Self.lost), (false, Self.lost)])
    #expect(outcome.waits == [0.25, 0.5, 0.25, 0.5])
  }

  @Test("A refusal is tried again, before the first welcome and after it", arguments: [true, false])
  func refused(welcome: Bool) async {
    let outcome = await run([(welcome, Self.lost), (false, Self.refused), (false, Self.refused), (false, Self.lost)])
    #expect(outcome.dials == 4)
  }

  @Test("The status says since when no rotator answers, why, and when the next try is")
  func statusWhileLost() async {
    let outcome = await run([(false, Self.lost), (false, Self.lost)])
    #expect(
      outcome.pulses.last?.sentence
        == "no rotator answers since 2026-09-21T14:13:20Z (rotator: gone), next try 2026-09-21T14:13:20Z, holds no key yet")
  }

  @Test("While the rotator has the word nothing is due; dialling, closing and waiting have deadlines")
  func steps() async {
    let outcome = await run([(true, Self.lost)])
    let phases = outcome.pulses.map { $0.steps.map(\.phase) }
    #expect(phases.first == ["dialling the rotator"])
    #expect(phases.dropFirst().first == [])
    #expect(phases.dropFirst(2).first == ["closing the link"])
    #expect(phases.last == ["waiting to dial again"])
    #expect(outcome.pulses.last?.steps.first?.deadline == 160.25)
  }

  @Test("A change of the link is one line, and the same again is none")
  func oneLine() async {
    let outcome = await run(
      [(true, Self.lost)] + Array(repeating: (false, Self.lost), count: 20) + [(false, Self.refused), (false, Self.refused)])
    #expect(
      outcome.log.map { $0.prefix(while: { $0 != ":" && $0 != "," }) } == [
        "notice attached to rotator rotator.lab.example", "warning detached", "warning not attached", "error not attached",
      ])
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

  func dial(progress: @escaping @Sendable (LinkProgress) -> Void) async -> LinkEnd {
    count.withLock { $0 += 1 }
    let step = rest.withLock { $0.removeFirst() }
    if step.welcome {
      progress(.welcomed(accounts: 1))
      progress(.ended)
    }
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
