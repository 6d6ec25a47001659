package import Foundation
package import RotationCore

/// One thing that an examination of a store has looked at, and how it is.
package struct StoreFinding: Sendable, Equatable {
  /// How it is.
  package enum Level: String, Sendable, Comparable {
    /// As it should be.
    case fine
    /// Worth knowing; the rotator works with it.
    case warning
    /// The rotator does not start with it, or must not be trusted with it.
    case critical

    /// Worse is more.
    package static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }

    private var rank: Int {
      switch self {
      case .fine: 0
      case .warning: 1
      case .critical: 2
      }
    }
  }

  /// What was looked at.
  package enum Subject: String, Sendable, CaseIterable {
    /// The directory and the database file: present, owner, mode.
    case files
    /// The version of the schema.
    case version
    /// SQLite's own check of the whole database.
    case integrity
    /// The sealing key.
    case key
    /// The records: each is the one that was written, and can be read.
    case records
    /// The sealed secrets: each opens, and the ledger finds those that it needs.
    case secrets
    /// Sealed secrets that no slot and no plan needs.
    case orphans
    /// The write-ahead log, and what stands between a commit and a power loss.
    case durability
    /// The room on the file system.
    case space
    /// Copies of the store beside it.
    case copies
  }

  /// What was looked at.
  package let subject: Subject
  /// How it is.
  package let level: Level
  /// What was found, one sentence without a full stop.
  package let message: String
  /// What follows from it; `nil` if nothing is wrong.
  package let consequence: String?
  /// What to do; `nil` if there is nothing to do.
  package let remedy: String?
  /// The kind of fault that decides the exit code; `nil` unless it is critical.
  package let kind: OperatorFault.Kind?

  static func fine(_ subject: Subject, _ message: String) -> StoreFinding {
    StoreFinding(subject: subject, level: .fine, message: message, consequence: nil, remedy: nil, kind: nil)
  }

  static func warning(_ subject: Subject, _ message: String, so consequence: String, remedy: String) -> StoreFinding {
    StoreFinding(
      subject: subject, level: .warning, message: message, consequence: consequence, remedy: remedy, kind: nil)
  }

  static func critical(_ subject: Subject, _ fault: OperatorFault, so consequence: String) -> StoreFinding {
    StoreFinding(
      subject: subject, level: .critical, message: "\(fault.subject): \(fault.problem)", consequence: consequence,
      remedy: fault.remedy.isEmpty ? nil : fault.remedy, kind: fault.kind)
  }
}

/// What an examination of a store has found.
package struct StoreReport: Sendable, Equatable {
  /// The database that was examined.
  package let path: String
  /// Who used the store meanwhile.
  package let circumstance: Circumstance
  /// The version of its schema, where it could be read.
  package internal(set) var version: Int?
  /// Who the store is, where the key opened it.
  package internal(set) var rotator: RotatorID?
  /// When the newest record was written: the store is at least as old as that.
  package internal(set) var newestRecord: Date?
  /// The accounts with the stamp that the store knows of each.
  package internal(set) var stamps: [AccountName: Stamp] = [:]
  /// What was looked at, in the order of ``StoreFinding/Subject``.
  package internal(set) var findings: [StoreFinding] = []

  /// Under which circumstances a store was examined.
  package enum Circumstance: String, Sendable {
    /// No daemon ran, and none could start meanwhile.
    case stopped
    /// Beside a running daemon, on one unchanging view of what is on disk.
    case running
    /// The lock could not be asked for, as on a read-only file system.
    case unknown
    /// A backup file.
    case backup
  }

  /// The worst level.
  package var level: StoreFinding.Level { findings.map(\.level).max() ?? .fine }
  /// The first critical finding as a fault; `nil` if there is none.
  package var fault: OperatorFault? {
    findings.first { $0.level == .critical }.map {
      OperatorFault($0.kind ?? .data, "store \(path)", $0.message, remedy: $0.remedy ?? "")
    }
  }
}
