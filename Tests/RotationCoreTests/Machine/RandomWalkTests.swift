import Foundation
import RotationCore
import Testing

@Suite("Any order of events and answers")
struct RandomWalkTests {
  @Test("Exactly one end, one password, no un-stage without a fence, no commit without a quorum", arguments: 0..<40)
  func walk(offset: UInt64) throws {
    let base = ProcessInfo.processInfo.environment["ASA_SEED"].flatMap(UInt64.init) ?? 20_260_101
    var seed = SeededGenerator(state: base &+ offset &* 7919)
    for round in 0..<50 {
      let start = seed.state
      var walk = RandomWalk(generator: seed)
      try walk.run()
      seed = walk.generator
      #expect(walk.violations == [], "ASA_SEED=\(base), walk \(offset), round \(round), state \(start)")
      #expect(walk.world.endings.count == 1, "ASA_SEED=\(base), walk \(offset), round \(round), state \(start)")
    }
  }
}

/// SplitMix64 (public domain algorithm by S. Vigna): small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// A world in which answers get lost, writes arrive late, nodes come, go, refuse and are revoked, and the daemon crashes; in the end it calms down.
struct RandomWalk {
  var generator: SeededGenerator
  var world = MachineWorld()
  private var lateWrites: [(from: Stamp?, to: Stamp)] = []
  private var inFlight: [RotationEvent] = [.planWasRecorded]
  private var isCalm = false

  init(generator: SeededGenerator) {
    self.generator = generator
    let requirement: RotationPolicy.Requirement = Bool.random(using: &self.generator) ? .all : .atLeast(2)
    world.script = Script(require: requirement)
  }

  var violations: [String] { world.violations }

  mutating func run() throws {
    for step in 0..<400 where world.endings.isEmpty {
      isCalm = step > 60
      try disturb()
      if let event = nextEvent() { take(event) }
    }
    arriveLate()
    if let ending = world.endings.first, ending.passwordChanged == false, world.passwordsSet > 0 {
      world.violations.append("a late write was applied after the end")
    }
  }

  private mutating func nextEvent() -> RotationEvent? {
    guard let index = inFlight.indices.randomElement(using: &generator) else {
      world.script.wait(Double.random(in: 1...30, using: &generator))
      return .timerFired
    }
    return inFlight.remove(at: index)
  }

  private mutating func disturb() throws {
    guard !isCalm, let node = Script.nodes.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<30, using: &generator) {
    case 0:
      inFlight = []
      world.script.machine = try JSONDecoder().decode(
        RotationMachine.self, from: JSONEncoder().encode(world.script.machine))
      if world.script.machine.phase == .planned { world.holdingNext = [] }
      take(.restarted)
    case 1: arriveLate()
    case 2: inFlight.append(.nodeLost(node))
    case 3: inFlight.append(.nodeRefusedTicket(node, reason: "no key"))
    case 4 where world.script.plan.quorum.members.count > 2: inFlight.append(.nodeRevoked(node))
    case 5: world.script.wait(Double.random(in: -200...200, using: &generator))
    case 6: inFlight.append(.timerFired)
    default: break
    }
  }

  private mutating func arriveLate() {
    for write in lateWrites { _ = world.judge(write.from, write.to) }
    lateWrites = []
  }

  private mutating func take(_ event: RotationEvent) {
    for action in world.script.machine.handle(event, at: world.script.now) {
      world.watch(action)
      perform(action)
    }
  }

  private mutating func perform(_ action: RotationAction) {
    switch action {
    case .claim(let from, let to): inFlight.append(.claimAnswered(fate(from, to)))
    case .fence(let from, let to): inFlight.append(.fenceAnswered(fate(from, to)))
    case .commit(let from, let to): inFlight.append(.commitAnswered(fate(from, to)))
    case .stage: for node in Script.nodes { stage(node) }
    default: inFlight += world.answers(to: action)
    }
  }

  private mutating func stage(_ node: NodeName) {
    switch isCalm ? 0 : Int.random(in: 0..<6, using: &generator) {
    case 5: inFlight.append(.nodeFailed(node, reason: "is full"))
    case 4: break
    default:
      world.holdingNext.insert(node)
      inFlight.append(.nodeStaged(node))
    }
  }

  private mutating func fate(_ from: Stamp?, _ to: Stamp) -> DirectoryWriteAnswer {
    switch isCalm ? 0 : Int.random(in: 0..<9, using: &generator) {
    case 8: return .notSent
    case 7: return .refused(.accessDenied, standing: world.stamp)
    case 6:
      lateWrites.append((from, to))
      return .unknown
    case 5:
      _ = world.judge(from, to)
      return .unknown
    default: return world.judge(from, to)
    }
  }
}
