import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler's boundaries", .timeLimit(.minutes(1)))
struct BoundaryTests {
  @Test("Every boundary has a name of its own")
  func names() {
    let names = Boundary.allCases.map(\.description)
    #expect(Set(names).count == names.count)
  }

  @Test("No step with an effect outside begins before the state that explains it is durable")
  func writeAhead() async throws {
    let passed = Chronicle<Boundary>()
    var world = try RotationWorld()
    world.reached = { passed.append($0) }
    let progress = try await world.whileRunning { await world.rotate(on: $0) }
    #expect(progress.ending?.outcome == .succeeded)
    let explained: [(Boundary.Mark, Boundary.Step)] = [
      (.attempt, .preflight), (.phase(.claiming), .claim), (.phase(.staging), .stage), (.phase(.committing), .commit),
      (.phase(.checking), .checkCommit), (.phase(.proving), .promote), (.phase(.proving), .prove),
    ]
    for (mark, step) in explained {
      let order = [Boundary.beforeRecord(mark), .recorded(mark), .before(step), .after(step)]
      let places = try order.map { try #require(passed.entries.firstIndex(of: $0), "\($0)") }
      #expect(places == places.sorted(), "\(mark) \(step)")
    }
  }

  @Test("An order is named for what it is for, from the push to the judged answer")
  func orders() async throws {
    let passed = Chronicle<Boundary>()
    var world = try RotationWorld()
    world.reached = { passed.append($0) }
    try await world.whileRunning { _ = await world.rotate(on: $0) }
    for step in [Boundary.Step.stage, .promote] {
      #expect(passed.entries.count { $0 == .after(step) } == world.nodes.count)
      #expect(passed.entries.count { $0 == .answered(step) } == world.nodes.count)
    }
  }
}
