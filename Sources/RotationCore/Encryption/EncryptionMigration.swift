package import Foundation

/// What must survive a restart of an account's way to AES: all else is read from the directory, the nodes and the slots each time.
package struct EncryptionMigration: Sendable, Equatable, Codable {
  /// The value of msDS-SupportedEncryptionTypes that it brings about: one that turns up is no drift, whoever has written it.
  package var goal: UInt32
  /// When somebody began it.
  package var begunAt: Date
  /// The steps that have a record, so that each gets one.
  package var recorded: Set<EncryptionStep.Kind>

  /// A migration that has just begun.
  package init(goal: UInt32, begunAt: Date) {
    self.goal = goal
    self.begunAt = begunAt
    recorded = []
  }
}

/// One step of the way to AES.
package struct EncryptionStep: Sendable, Equatable {
  /// The steps, in order.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// Every node holds AES keys of the password that stands.
    case keys
    /// The attribute permits AES and nothing else.
    case attribute
    /// Every domain controller issues AES tickets for every SPN, and every node accepts them.
    case proof
    /// No node holds a key of another type.
    case drop
  }

  /// What there is to do about it.
  package enum State: String, Sendable {
    /// Nothing.
    case done
    /// It can be done now.
    case due
    /// It comes by itself.
    case waiting
    /// Somebody has to do something first.
    case blocked
    /// An earlier step comes first.
    case later
  }

  /// What is done when it is due.
  package enum Action: String, Sendable {
    /// A rotation.
    case rotate
    /// The attribute is written.
    case write
  }

  /// Which step.
  package var kind: Kind
  /// What there is to do.
  package var state: State
  /// Why, in one sentence.
  package var detail: String
  /// What is done when it is due.
  package var action: Action?
  /// Why it is blocked, and the way out.
  package var fault: OperatorFault?
  /// Commands for whoever has the right, where that is the way out.
  package var commands: [String] = []
  /// When it comes by itself, if that is known.
  package var until: Date?

  /// Makes a step from its parts.
  package init(_ kind: Kind, _ state: State, _ detail: String, action: Action? = nil, until: Date? = nil) {
    self.kind = kind
    self.state = state
    self.detail = detail
    self.action = action
    self.until = until
  }

  /// A step that somebody has to make way for.
  package init(_ kind: Kind, blockedBy fault: OperatorFault, commands: [String] = []) {
    self.init(kind, .blocked, fault.problem)
    self.fault = fault
    self.commands = commands
  }
}

/// What one domain controller issues now.
package struct ControllerEncryption: Sendable, Equatable {
  /// Its DNS name.
  package var name: String
  /// Whether passwords and attributes are written to it.
  package var isWriter: Bool
  /// The types of its tickets, over all SPNs (RFC 3961 numbers).
  package var encryptionTypes: [Int32] = []
  /// Why it issued none.
  package var fault: OperatorFault?
}

/// What one node holds.
package struct NodeEncryption: Sendable, Equatable {
  /// The node.
  package var node: NodeName
  /// The slots as it last reported them, newest first.
  package var slots: [SlotReport]
  /// Why it does not count: what is wrong with it, or that it was revoked.
  package var problem: String?
}

/// Where an account stands on its way to AES.
package struct EncryptionReport: Sendable, Equatable {
  /// The account.
  package var account: AccountName
  /// Where it is in the directory.
  package var distinguishedName: String
  /// msDS-SupportedEncryptionTypes on the writer; `nil`: not set.
  package var attribute: UInt32?
  /// The value that is to be there.
  package var goal: UInt32
  /// Whether the rotator may write it.
  package var mayWrite: Bool
  /// The domain controllers, the writer first.
  package var controllers: [ControllerEncryption]
  /// The nodes, by name.
  package var nodes: [NodeEncryption]
  /// The steps, in order.
  package var steps: [EncryptionStep]
  /// What has just been done, one sentence each.
  package var done: [String] = []

  /// The first step that is not done.
  package var next: EncryptionStep? { steps.first { $0.state != .done } }
}

/// Types that an account is to be moved away from.
enum LegacyEncryption {
  /// Whether a number is DES or RC4 (RFC 3961 registry; 24 is the export-grade RC4).
  static func isLegacy(_ number: Int32) -> Bool { number < 17 || number == 23 || number == 24 }
}

extension AccountRecord {
  /// The listed keys of DES and RC4 that exist, newest first: by the plan, or by what a node says that it holds.
  var legacySlots: [SlotLedger.Slot] {
    let reported = Set(reports.filter { $0.encryptionTypes.contains(where: LegacyEncryption.isLegacy) }.map(\.rotation))
    return ledger.holding.filter { slot in
      slot.encryptionTypes.contains(where: LegacyEncryption.isLegacy) || reported.contains(slot.rotation)
    }
  }

  /// The last key of another type is gone: the record of that, once.
  mutating func noteMigrationEnd(at now: Date) -> OutcomeRecord? {
    guard migration?.recorded.contains(.proof) == true, legacySlots.isEmpty else { return nil }
    migration = nil
    return OutcomeRecord(
      kind: .encryptionMigrated, time: now, account: account, version: ledger.latest?.version,
      message:
        "\(account) has AES keys only: the last keys of other types were destroyed, on a node that is away as soon as it returns."
    )
  }
}
