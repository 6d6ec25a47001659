import Foundation

/// What a look at the directory between rotations found wrong.
struct DirectoryFinding: Sendable, Equatable, Codable {
  /// The kinds of trouble.
  enum Kind: String, Sendable, Codable {
    /// The domain controller cannot be asked.
    case unreachable
    /// It answers, and does not have the last rotation (yet): replication takes its time, and is no drift.
    case lagging
    /// It answers, and the account or the controller is not as it should be.
    case drift
  }

  var kind: Kind
  /// What weighs most.
  var fault: OperatorFault
  /// What else has drifted.
  var others: [OperatorFault]?
  /// The domain controller, where it is known.
  var domainController: String?
  /// Whether somebody else's password stands: no node accepts new tickets.
  var isForeignPassword: Bool?
  /// When it was found.
  var since: Date?

  init(kind: Kind, fault: OperatorFault, domainController: String? = nil) {
    (self.kind, self.fault, self.domainController) = (kind, fault, domainController)
  }

  /// Everything that has drifted, what weighs most first; `nil` if nothing has.
  init?(drift faults: [OperatorFault], on domainController: String?) {
    guard let first = faults.first else { return nil }
    self.init(kind: .drift, fault: first, domainController: domainController)
    others = faults.count > 1 ? Array(faults.dropFirst()) : nil
  }

  /// Whether the account itself is not as it should be.
  var isDrift: Bool { kind == .drift }

  /// All of it, each with its consequence, for a person.
  var text: String { ([fault] + (others ?? [])).map(\.description).joined(separator: ". ") }

  /// Whether this is the same trouble, whatever the numbers in its wording.
  func isSame(as other: DirectoryFinding) -> Bool {
    kind == other.kind && fault.isAlike(other.fault) && isForeignPassword == other.isForeignPassword
      && (others ?? []).count == (other.others ?? []).count
      && zip(others ?? [], other.others ?? []).allSatisfy { $0.isAlike($1) }
  }
}

extension OperatorFault {
  fileprivate func isAlike(_ other: OperatorFault) -> Bool {
    kind == other.kind && subject == other.subject && remedy == other.remedy
  }
}

/// What a look at the directory showed, and what is to be done about it at once.
struct DirectoryObservation: Sendable {
  var finding: DirectoryFinding?
  /// The stamp that the store knew when it was made.
  var knownStamp: Stamp?
  /// Another claimant's stamp stands.
  var superseded: OperatorFault?
  /// The kvno of a writer that is behind the last rotation.
  var behindAt: KeyVersion?
  /// The domain controllers that the directory lists; empty if it was not read.
  var controllers: [ListedController] = []
  /// Those beside the writer that tickets come from.
  var replicas: [String] = []
  /// Whether every SPN is on the account.
  var hasNames = false
  /// The account as it was read, for people.
  var properties: AccountProperties?
  /// One of our own keys stands under another number, or was thought not to stand at all.
  var surfaced: SurfacedKey?
}

/// A key of ours that the directory uses, and the kvno that it uses it under.
struct SurfacedKey: Sendable, Equatable {
  var rotation: RotationID
  var version: KeyVersion
}
