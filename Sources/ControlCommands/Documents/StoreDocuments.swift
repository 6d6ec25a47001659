import CredentialStore
package import Foundation
import RotationCore

/// What `asactl store check --json` prints.
package struct StoreCheckDocument: Encodable, Sendable, Equatable {
  /// The database.
  package var path: String
  /// `stopped`, `running` or `unknown`: what the rotator did meanwhile.
  package var rotatorIs: String
  /// Whether nothing is critical.
  package var sound: Bool
  /// The worst level.
  package var level: String
  /// The version of the schema.
  @NullIfAbsent package var version: Int?
  /// The rotator's id.
  @NullIfAbsent package var rotator: String?
  /// When the newest record was written.
  @NullIfAbsent package var newestRecord: Date?
  /// Everything that was looked at.
  package var findings: [StoreFindingDocument]

  init(_ report: StoreReport) {
    path = report.path
    rotatorIs = report.circumstance.rawValue
    sound = report.level < .critical
    level = report.level.rawValue
    _version = NullIfAbsent(wrappedValue: report.version)
    _rotator = NullIfAbsent(wrappedValue: report.rotator?.description)
    _newestRecord = NullIfAbsent(wrappedValue: report.newestRecord)
    findings = report.findings.map(StoreFindingDocument.init)
  }
}

/// One finding of a ``StoreCheckDocument``.
package struct StoreFindingDocument: Encodable, Sendable, Equatable {
  /// What was looked at.
  package var subject: String
  /// `fine`, `warning` or `critical`.
  package var level: String
  /// What was found.
  package var message: String
  /// What follows from it.
  @NullIfAbsent package var consequence: String?
  /// What to do.
  @NullIfAbsent package var remedy: String?

  init(_ finding: StoreFinding) {
    subject = finding.subject.rawValue
    level = finding.level.rawValue
    message = finding.message.visible
    _consequence = NullIfAbsent(wrappedValue: finding.consequence?.visible)
    _remedy = NullIfAbsent(wrappedValue: finding.remedy?.visible)
  }
}

/// What `asactl store backup --json` prints.
package struct StoreBackupDocument: Encodable, Sendable, Equatable {
  /// The backup.
  package var file: String
  /// The version of its schema.
  @NullIfAbsent package var version: Int?
  /// The rotator's id; null where the key could not be read.
  @NullIfAbsent package var rotator: String?
  /// When its newest record was written.
  @NullIfAbsent package var newestRecord: Date?
  /// Whether its secrets and records were tried with the key.
  package var triedWithKey: Bool

  init(_ report: StoreReport) {
    file = report.path
    _version = NullIfAbsent(wrappedValue: report.version)
    _rotator = NullIfAbsent(wrappedValue: report.rotator?.description)
    _newestRecord = NullIfAbsent(wrappedValue: report.newestRecord)
    triedWithKey = report.rotator != nil
  }
}

/// What `asactl store restore --json` prints.
package struct StoreRestoreDocument: Encodable, Sendable, Equatable {
  /// The store's directory.
  package var directory: String
  /// The backup.
  package var file: String
  /// The rotator's id.
  @NullIfAbsent package var rotator: String?
  /// When the backup's newest record was written.
  @NullIfAbsent package var newestRecord: Date?
  /// Where the store of before is kept; null if there was none.
  @NullIfAbsent package var kept: String?
  /// How many rotations' destroyed secrets were not brought back.
  package var leftOut: Int

  init(_ outcome: StoreRestoration.Outcome, directory: String) {
    self.directory = directory
    file = outcome.backup.path
    _rotator = NullIfAbsent(wrappedValue: outcome.backup.rotator?.description)
    _newestRecord = NullIfAbsent(wrappedValue: outcome.backup.newestRecord)
    _kept = NullIfAbsent(wrappedValue: outcome.kept)
    leftOut = outcome.leftOut
  }
}
