import Foundation
import RotationCore

/// The world that a seed makes: its size, its policy, who works in it and what may go wrong there.
struct Scenario {
  /// Who else works on the same account.
  enum Company {
    /// One rotator.
    case none
    /// A second one starts on a copy of the first one's store, like a cloned machine.
    case copy
    /// A second one has a store of its own.
    case stranger
  }

  let nodeCount: Int
  let controllerCount: Int
  let arrays: [String: [NodeName]]
  let nodes: [NodeName]
  private(set) var policy: RotationPolicy
  let encryptionTypes: [EncryptionType]
  let company: Company
  /// When and by which site a rotation is asked for, in seconds from the beginning.
  let requests: [(time: Double, site: Int)]
  /// When the copy is made, or the stranger installed.
  let arrival: Double
  /// How long things may go wrong.
  let span: Double
  /// How late an idle rotator's sleep may end.
  let stride: Double
  /// How long one write takes to reach every controller.
  let lag: Double
  let rates: [Double]
  /// A node that attaches for the first time at this time only, with a key besides that no other node has, under which tickets are alive.
  let latecomer: (node: Int, time: Double)?

  /// The nodes whose consumer caches the keytab.
  let caching: Set<Int>

  static let ticketLifetimes = [600, 3600, 36_000]
  private static let shortIntervals = 120...900

  /// Whether rotations come due within minutes.
  var hasShortInterval: Bool { policy.every <= .seconds(Self.shortIntervals.upperBound) }

  init(seed: UInt64) {
    var random = SplitMix(seed: SplitMix.mixed(seed &+ 0x51_7E))
    nodeCount = random.pick([2, 2, 2, 2, 2, 3, 3, 4])
    controllerCount = random.pick([1, 1, 1, 2, 2, 3])
    nodes = Array(Names.nodes[0..<nodeCount])
    arrays = Self.arrays(nodes, &random)
    policy = Self.policy(smallest: arrays.values.map(\.count).min() ?? 1, &random)
    encryptionTypes = random.chance(0.2) ? [.aes256, .aes128] : [.aes256]
    company = random.pick([.none, .none, .none, .none, .copy, .stranger])
    let sites = company == .none ? 1 : 2
    arrival = company == .stranger ? 0 : random.seconds(0...200)
    requests = Self.requests(sites: sites, &random)
    span = (requests.last?.time ?? 0) + random.seconds(30...300)
    stride = random.seconds(120...900)
    lag = Self.lag(policy, &random)
    rates = Self.rates(&random)
    let canWait = policy.require != .all && random.chance(0.4)
    latecomer = canWait ? (random.number(0...nodeCount - 1), (requests.first?.time ?? 0) + random.seconds(0...60)) : nil
    caching = Set(random.chance(0.12) ? (0..<nodeCount).filter { _ in random.chance(0.6) } : [])
    policy.absentGrace = .seconds(random.pick([0, 0, 10, 30]))
  }

  private static func arrays(_ nodes: [NodeName], _ random: inout SplitMix) -> [String: [NodeName]] {
    guard nodes.count > 2, random.chance(0.25) else { return ["a": nodes] }
    return ["a": Array(nodes.dropLast()), "b": Array(nodes.dropFirst())]
  }

  private static func policy(smallest: Int, _ random: inout SplitMix) -> RotationPolicy {
    let majority = smallest / 2 + 1
    let requirement: RotationPolicy.Requirement =
      random.chance(0.65) ? .all : .atLeast(random.number(majority...max(majority, smallest)))
    var policy = RotationPolicy(
      every: .seconds(random.chance(0.25) ? random.number(shortIntervals) : 30 * 86_400), require: requirement,
      previous: random.chance(0.2) ? .keep : .ticketLifetime, ticketLifetime: .seconds(random.pick(ticketLifetimes)),
      clockSkew: .seconds(random.number(60...300)), stagingDeadline: .seconds(random.number(15...60)),
      proofDeadline: .seconds(random.number(15...60)), slotLimit: random.number(4...8))
    policy.retry = RetryPolicy(initial: .seconds(30), maximum: .seconds(120))
    return policy
  }

  /// Most directories replicate within seconds; some take longer than a ticket lives.
  private static func lag(_ policy: RotationPolicy, _ random: inout SplitMix) -> Double {
    guard random.chance(0.2) else { return Double(policy.clockSkew.components.seconds) * random.seconds(0.02...0.4) }
    return Double(policy.ticketLifetime.components.seconds) * random.seconds(0.1...3)
  }

  /// Some rotations come close together or on both sites at once, some after every key of before has retired.
  private static func requests(sites: Int, _ random: inout SplitMix) -> [(time: Double, site: Int)] {
    var time = random.seconds(5...60)
    var requests: [(time: Double, site: Int)] = []
    for _ in 0..<random.pick([1, 1, 1, 1, 1, 1, 2, 2, 3]) {
      let first = random.number(0...sites - 1)
      requests.append((time, first))
      if sites > 1, random.chance(0.6) { requests.append((time + random.pick([0, 0.001, 0.5, 5]), 1 - first)) }
      time += random.pick([
        random.seconds(1...30), random.seconds(30...200), random.seconds(30...200), random.seconds(900...2000),
      ])
    }
    return requests.sorted { $0.time < $1.time }
  }

  /// Each seed knows about half of the misfortunes, with its own frequency of each: worlds that know them all never get anywhere.
  private static func rates(_ random: inout SplitMix) -> [Double] {
    let severity = random.pick([0, 0.4, 0.7, 1, 1])
    return FaultKind.allCases.map { kind in
      random.chance(0.45 * severity) ? min(0.8, kind.rate * random.pick([0.5, 1, 2, 4])) : 0
    }
  }
}

/// Names that every world uses, made once.
enum Names {
  static let account = made { () throws(OperatorFault) in try AccountName("LAB\\ASA$") }
  static let realm = Realm("LAB.EXAMPLE")
  static let nodes = ["n1", "n2", "n3", "n4"].map { name in made { () throws(OperatorFault) in try NodeName(name) } }
  static let mail = made { () throws(OperatorFault) in try ServicePrincipalName("imap/mail") }
  static let web = made { () throws(OperatorFault) in try ServicePrincipalName("imap/web") }
  static let controllers = ["dc1", "dc2", "dc3"]
  static let start = Date(timeIntervalSince1970: 1_790_000_000)
  static let guid = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

  private static func made<Value>(_ make: () throws(OperatorFault) -> Value) -> Value {
    do { return try make() } catch { preconditionFailure("\(error)") }
  }
}
