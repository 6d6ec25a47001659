package import Foundation

/// Everything about one account that must survive a restart, without its secrets.
package struct AccountRecord: Sendable, Equatable, Codable {
  /// The account.
  package var account: AccountName
  /// The objectGUID that the account was bound to at its first rotation.
  package var objectGUID: UUID?
  /// The stamp that the directory holds as far as this store knows.
  package var knownStamp: Stamp?
  /// The domain controller that the last password was set on, or will be.
  package var writer: DirectoryServer?
  /// Above which claims are since the writer, or the store, was lost: nodes have carried out orders that this store does not know.
  var epochFloor: Epoch?
  /// When the writer before this one was given up for good, or keys were adopted: of a store that was lost or put back, nobody knows whether
  /// its writer was not lost before it.
  var writerLostAt: SlotLedger.Supersession?
  /// The domain controllers beside the writer, by DNS name; `nil`: none is known.
  package var replicas: [String: ReplicaStanding]?
  /// The slots.
  package var ledger = SlotLedger()
  /// The rotation in progress.
  package var rotation: RotationMachine?
  /// The attempt whose start is recorded and whose plan is not durable yet; found at a start, it was interrupted in preflight.
  package var openAttempt: RotationID?
  /// What each node last said it holds.
  package var holdings: [NodeName: NodeHolding] = [:]
  /// The nodes that have destroyed the keys by command, and are given none before they are copied there or the account is rotated, with the time
  /// of the command; `nil`: there is none.
  package internal(set) var withheld: [NodeName: Date]?
  /// The same as it was before the rotation in progress, which gives them keys again unless it fails.
  var withheldBefore: [NodeName: Date]?
  /// The policy that the last orders were given under.
  package var policy: RotationPolicy?
  /// When the account was first configured.
  package var firstSeen: Date
  /// When the last rotation succeeded, degraded ones included.
  package var lastSuccess: Date?
  /// When the last attempt ended, and how.
  package var lastEnding: RotationEnding?
  /// When the interval is over: the next rotation's nominal due date, before windows, freezes and jitter.
  package var nextDue: Date
  /// The date that the interval counts from; `nil` in a record older than this key.
  var scheduleBase: Date?
  /// What the interval counts from instead, while the clock shows a time before ``scheduleBase``.
  var baseCorrection: BaseCorrection?
  /// The nominal due date that the rotation in progress fulfils; `nil` for a manual one.
  var fulfils: Date?
  /// What was already told of the due date that stands.
  var dueNotes: DueNotes?
  /// The failures since the last success.
  package var failures: FailureStreak?
  /// Why the schedule stands still, if it does.
  package var pause: SchedulePause?
  /// How many attempts have ended in each way since the store was made.
  package var endings: [String: Int]?
  /// What each phase of the last attempt took.
  package var phaseDurations: [PhaseDuration]?
  /// How often the rotation in progress has stalled.
  var stalls: Int?
  /// What was found wrong in the directory between rotations and is not over.
  var directoryFinding: DirectoryFinding?
  /// How long this rotator takes the account from nobody, so that two of them do not take it from each other for ever.
  var takeoverPause: WallClockWait?
  /// The account as it was last read, for people.
  package internal(set) var properties: AccountProperties?
  /// The account as the last password set found it.
  var baseline: AccountBaseline?
  /// The account as the rotation in progress found it.
  var plannedBaseline: AccountBaseline?
  /// The way to AES that somebody has begun and that is not over.
  package var migration: EncryptionMigration?
  /// Whether none of its SPNs was registered when it was last read, and none has been since its first rotation.
  var awaitsNames: Bool?
  /// The rotations for somebody else's password, which must not follow one another without end.
  var driftRotations: FailureStreak?

  /// A record of an account never seen before: its first rotation is due one interval later.
  package init(account: AccountName, firstSeen: Date, every: Duration) {
    self.account = account
    self.firstSeen = firstSeen
    nextDue = firstSeen.addingTimeInterval(TimeInterval(every.components.seconds))
  }

  /// Reckons the nominal due date anew, from the newest password of ours.
  package mutating func reckonDue(_ schedule: RotationSchedule, at now: Date, boot: BootInstant) {
    let ours = ledger.latest.flatMap { $0.rotation.isAdopted ? nil : $0.setAt }
    var base = scheduleBase ?? [lastSuccess, ours].compactMap(\.self).max() ?? firstSeen
    if base > now {
      // The clock was ahead when the base was set, or it is behind now: until that shows, the interval counts from now.
      let isKnown = baseCorrection.map { $0.base <= now } ?? false
      if !isKnown { baseCorrection = BaseCorrection(base: now, boot: boot) }
      base = baseCorrection?.base ?? now
    } else if let correction = baseCorrection {
      // If that time has really passed, the clock had been ahead; if the clock has leapt over it, it had been behind.
      if correction.hasPassed(until: now, boot: boot) {
        scheduleBase = correction.base
        base = correction.base
      }
      baseCorrection = nil
    }
    nextDue = schedule.corrected(base.addingTimeInterval(schedule.interval), at: now)
  }

  /// The directory has a new password of ours: the interval begins anew.
  package mutating func intervalBegan(_ schedule: RotationSchedule, at now: Date) {
    nextDue = schedule.nominal(afterSuccessAt: now, due: fulfils)
    scheduleBase = nextDue.addingTimeInterval(-schedule.interval)
    baseCorrection = nil
    dueNotes = nil
  }
}

/// What an interval counts from while the clock shows a time before its begin.
struct BaseCorrection: Sendable, Equatable, Codable {
  /// When the clock was first seen to do so.
  var base: Date
  /// The same on the clock that never jumps.
  var boot: BootInstant

  /// Whether the time since then has passed, and was not leapt over. After a reboot it counts as passed: an interval that is too short does no
  /// harm, one that is too long does.
  func hasPassed(until now: Date, boot later: BootInstant) -> Bool {
    guard later.boot == boot.boot else { return true }
    return now.timeIntervalSince(base) <= (later.seconds - boot.seconds) * 1.01 + 3600
  }
}

/// What was told of one due date, so that it is told once.
struct DueNotes: Sendable, Equatable, Codable {
  /// The nominal due date.
  var nominal: Date
  /// What the last record of waiting said it waits for.
  var waitsFor: String?
  /// Whether it is on record as overdue.
  var isOverdue = false
  /// Whether it is on record as missed.
  var isCaughtUp = false
}

/// How long an attempt was in one phase.
package struct PhaseDuration: Sendable, Equatable, Codable {
  /// The phase, `preflight` included.
  package var phase: String
  /// Seconds of CLOCK_MONOTONIC.
  package var seconds: Double
}

extension AccountRecord {
  /// Counts an attempt that has ended and keeps how long its phases took.
  mutating func attemptEnded(_ outcome: RotationOutcome, phases: [PhaseMark], at monotonic: Double) {
    endings = endings ?? [:]
    endings?[outcome.rawValue, default: 0] += 1
    let ends = phases.dropFirst().map(\.begin) + [monotonic]
    phaseDurations = zip(phases, ends).map { PhaseDuration(phase: $0.phase, seconds: $1 - $0.begin) }
  }
}

/// When an attempt entered a phase, in seconds of CLOCK_MONOTONIC.
struct PhaseMark: Sendable {
  var phase: String
  var begin: Double
}

/// Failures since the last success.
package struct FailureStreak: Sendable, Equatable, Codable {
  /// How many in a row.
  package var count: Int
  /// When the schedule tries again.
  package var pause: WallClockWait
}

/// A schedule that somebody has stopped.
package struct SchedulePause: Sendable, Equatable, Codable {
  /// Why.
  package var reason: String
  /// Since when.
  package var since: Date
  /// Until when; `nil`: until somebody resumes it.
  package var until: Date?

  /// Makes a pause from its parts.
  package init(reason: String, since: Date, until: Date?) {
    self.reason = reason
    self.since = since
    self.until = until
  }
}

/// What a node last said it holds for one account.
package struct NodeHolding: Sendable, Equatable, Codable {
  /// The slots, newest first.
  package var slots: [SlotReport]
  /// The epoch of the last order that it applied.
  package var epoch: Epoch
  /// The version of the last order that it applied.
  package var version: UInt64
  /// What is wrong with it.
  package var fault: String?
  /// Its keytabs' paths.
  package var keytabs: [String]
  /// The adopted slots that it has held since it last came without any order applied. An order names them by this list, which only a
  /// re-installed node resets, so that the same order is the same each time.
  package var adopted: [SlotReport] = []
  /// The slots of rotations that the ledger did not know when the node reported them, for the same list of the same order.
  var strangers: [SlotReport]?

  /// Whether it has not applied the ledger's newest order.
  package func isBehind(_ ledger: SlotLedger) -> Bool {
    ledger.epoch > .zero && (epoch, version) < (ledger.epoch, ledger.version)
  }
}
