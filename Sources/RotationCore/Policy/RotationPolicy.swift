/// When and how one account rotates.
package struct RotationPolicy: Sendable, Equatable, Codable {
  /// How many nodes must hold and accept the new key.
  package enum Requirement: Sendable, Equatable, Codable {
    /// Every configured node that is not revoked.
    case all
    /// At least this many.
    case atLeast(Int)
  }

  /// What becomes of the Previous key.
  package enum PreviousRetention: String, Sendable, Equatable, Codable {
    /// Destroyed when no ticket under it can be alive.
    case ticketLifetime = "ticket-lifetime"
    /// Kept until the next rotation, as Windows did.
    case keep
  }

  /// What somebody else's password in the directory leads to.
  package enum DriftResponse: String, Sendable, Equatable, Codable {
    /// It is told.
    case report
    /// It is told, and a rotation begins at once.
    case rotate
  }

  /// The interval between rotations.
  package var every: Duration
  /// How many nodes must hold and accept the new key; default all.
  package var require: Requirement
  /// What becomes of the Previous key; default ``PreviousRetention/ticketLifetime``.
  package var previous: PreviousRetention
  /// The longest life of a service ticket in the domain; default 10 h (MS-GPSB 2.2.2 MaxServiceAge).
  package var ticketLifetime: Duration
  /// The tolerated difference between clocks; default 5 min (MS-KILE 3.3.1).
  package var clockSkew: Duration
  /// How long nodes may take to stage a key; default 60 s.
  package var stagingDeadline: Duration
  /// How long nodes may take to prove acceptance after the commit; default 60 s.
  package var proofDeadline: Duration
  /// The most slots that a node holds; default 8.
  package var slotLimit: Int
  /// When scheduled rotations may begin; none means always.
  package var windows: [MaintenanceWindow] = []
  /// When none may begin, whatever the windows say.
  package var freezes: [FreezePeriod] = []
  /// By how much at most a start is put off, so that accounts do not all rotate at once; default none. At most half of ``every``: a longer one
  /// could not be told from a rotation that was late.
  package var jitter: Duration = .zero
  /// The pauses after failures.
  package var retry = RetryPolicy()
  /// How long after it was due a rotation that has not succeeded is overdue; default 1 d.
  package var overdueAfter: Duration = .seconds(86_400)
  /// How long a rotation that goes on without a node waits before the password is set, so that the node sees the claim in the directory and
  /// leaves service first; default 60 s, zero: not at all.
  package var absentGrace: Duration = .seconds(60)
  /// What somebody else's password leads to; default ``DriftResponse/report``.
  package var onDrift = DriftResponse.report

  /// Makes a policy; everything but the interval has a default.
  package init(
    every: Duration, require: Requirement = .all, previous: PreviousRetention = .ticketLifetime,
    ticketLifetime: Duration = .seconds(36_000), clockSkew: Duration = .seconds(300),
    stagingDeadline: Duration = .seconds(60), proofDeadline: Duration = .seconds(60), slotLimit: Int = 8
  ) {
    self.every = every
    self.require = require
    self.previous = previous
    self.ticketLifetime = ticketLifetime
    self.clockSkew = clockSkew
    self.stagingDeadline = stagingDeadline
    self.proofDeadline = proofDeadline
    self.slotLimit = slotLimit
  }
  /// Decodes a policy; a store of an earlier version has no word of windows, freezes, jitter, retries and overdue rotations.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    every = try container.decode(Duration.self, forKey: .every)
    require = try container.decode(Requirement.self, forKey: .require)
    previous = try container.decode(PreviousRetention.self, forKey: .previous)
    ticketLifetime = try container.decode(Duration.self, forKey: .ticketLifetime)
    clockSkew = try container.decode(Duration.self, forKey: .clockSkew)
    stagingDeadline = try container.decode(Duration.self, forKey: .stagingDeadline)
    proofDeadline = try container.decode(Duration.self, forKey: .proofDeadline)
    slotLimit = try container.decode(Int.self, forKey: .slotLimit)
    windows = try container.decodeIfPresent([MaintenanceWindow].self, forKey: .windows) ?? windows
    freezes = try container.decodeIfPresent([FreezePeriod].self, forKey: .freezes) ?? freezes
    jitter = try container.decodeIfPresent(Duration.self, forKey: .jitter) ?? jitter
    retry = try container.decodeIfPresent(RetryPolicy.self, forKey: .retry) ?? retry
    overdueAfter = try container.decodeIfPresent(Duration.self, forKey: .overdueAfter) ?? overdueAfter
    onDrift = try container.decodeIfPresent(DriftResponse.self, forKey: .onDrift) ?? onDrift
    absentGrace = try container.decodeIfPresent(Duration.self, forKey: .absentGrace) ?? absentGrace
  }
}
