/// Everything that can go wrong in a world.
enum FaultKind: Int, CaseIterable, Sendable {
  case rotatorCrash, rotatorCrashBeforeCommit, rotatorCrashInCommit, rotatorCrashAfterCommit, rotatorCrashBeforeWrite
  case rotatorCrashAfterWrite, rotatorCrashAtAnswer, rotatorCrashBeforeOrder, rotatorCrashAfterOrder, rotatorStop,
    rotatorRebooted
  case storeRefusal, secretsUnreadable, storeRestored, namesChanged
  case requestLost, requestLate, answerLost, answerLate, successAsError, oddRefusal, policyRefusal, rereadFailed,
    connectionRefused
  case readFailed, ticketRefused
  case controllerCrash, controllerCrashBeforeWrite, controllerCrashAfterWrite, slowReplication
  case foreignReset, foreignResetAtWrite, foreignResetAfterWrite
  case streamBreak, streamBreakAtMessage, lateOrder, slowMessage, unnoticedBreak
  case nodeCrash, nodeCrashBeforeSave, nodeCrashAfterSave, nodeCrashAfterKeytab, nodeCrashBeforeAnswer
  case saveRefused, keytabUnwritable, nodeWiped, revocation
  case clockJump, takeover
  case keytabSwallowed, rogueOrder, nodeFrozen, nodeFrozenAtOrder, requestDuplicated, takeoverAtCommit, revocationAtStart
  case keysCompromised

  /// How likely it is at one opportunity in a world of medium misfortune.
  var rate: Double {
    switch self {
    case .rotatorCrash: 0.6
    case .rotatorCrashBeforeCommit, .rotatorCrashInCommit, .rotatorCrashAfterCommit: 0.012
    case .rotatorCrashBeforeWrite, .rotatorCrashAfterWrite, .rotatorCrashAtAnswer: 0.05
    case .rotatorCrashBeforeOrder, .rotatorCrashAfterOrder: 0.015
    case .rotatorStop, .rotatorRebooted: 0.3
    case .storeRefusal: 0.015
    case .secretsUnreadable: 0.01
    case .storeRestored: 0.25
    case .namesChanged: 0.3
    case .takeover: 0.5
    case .requestLost, .answerLost, .requestLate: 0.08
    case .answerLate, .successAsError, .oddRefusal: 0.06
    case .policyRefusal, .connectionRefused: 0.04
    case .rereadFailed: 0.3
    case .readFailed, .ticketRefused: 0.03
    case .controllerCrash: 0.4
    case .controllerCrashBeforeWrite, .controllerCrashAfterWrite: 0.05
    case .slowReplication: 0.3
    case .foreignReset: 0.35
    case .foreignResetAtWrite, .foreignResetAfterWrite: 0.04
    case .streamBreak: 0.6
    case .streamBreakAtMessage: 0.02
    case .lateOrder: 0.5
    case .slowMessage: 0.02
    case .unnoticedBreak: 0.3
    case .nodeCrash: 0.6
    case .nodeCrashBeforeSave, .nodeCrashAfterSave, .nodeCrashAfterKeytab, .nodeCrashBeforeAnswer: 0.02
    case .saveRefused, .keytabUnwritable: 0.02
    case .nodeWiped: 0.15
    case .revocation: 0.1
    case .clockJump: 0.3
    case .keytabSwallowed: 0.03
    case .rogueOrder: 0.5
    case .nodeFrozen: 0.3
    case .nodeFrozenAtOrder: 0.02
    case .requestDuplicated: 0.1
    case .takeoverAtCommit: 0.2
    case .revocationAtStart: 0.3
    case .keysCompromised: 0.4
    }
  }

  /// Whether it comes at a time of its own rather than at a step of somebody's work.
  var isTimed: Bool {
    switch self {
    case .rotatorCrash, .rotatorStop, .rotatorRebooted, .storeRestored, .namesChanged, .takeover,
      .controllerCrash, .foreignReset,
      .streamBreak, .nodeCrash, .nodeWiped, .revocation, .clockJump, .rogueOrder, .nodeFrozen, .keysCompromised:
      true
    default: false
    }
  }
}

/// Decides which faults strike. Each opportunity is numbered by its kind and decided by a hash of seed, kind and number alone, so that one fault
/// can be taken out of a run and most of the others stay.
struct FaultSchedule {
  /// One opportunity for one fault.
  struct Strike: Hashable {
    let kind: FaultKind
    let number: Int
  }

  /// More of one kind only make a world longer.
  private static let most = 5

  private let seed: UInt64
  private let rates: [Double]
  private let spared: Set<Strike>
  private var opportunities = [Int](repeating: 0, count: FaultKind.allCases.count)
  private var struck = [Int](repeating: 0, count: FaultKind.allCases.count)
  private(set) var strikes: [Strike] = []
  /// From then on nothing goes wrong any more.
  var isOver = false

  init(seed: UInt64, rates: [Double], sparing spared: Set<Strike>) {
    self.seed = seed
    self.rates = rates
    self.spared = spared
  }

  mutating func strikes(_ kind: FaultKind) -> Bool {
    guard !isOver, rates[kind.rawValue] > 0 else { return false }
    opportunities[kind.rawValue] += 1
    let number = opportunities[kind.rawValue]
    let bits = SplitMix.mixed(SplitMix.mixed(seed ^ UInt64(kind.rawValue) << 48) &+ UInt64(number))
    guard SplitMix.unit(bits) < rates[kind.rawValue], struck[kind.rawValue] < Self.most else { return false }
    let strike = Strike(kind: kind, number: number)
    guard spared.isEmpty || !spared.contains(strike) else { return false }
    strikes.append(strike)
    struck[kind.rawValue] += 1
    return true
  }
}
