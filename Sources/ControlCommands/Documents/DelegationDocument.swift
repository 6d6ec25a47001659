import RotationCore

/// What `asactl account delegate --json` prints. Rights are `resetPassword`, `writeStamp` and `writeEncryptionTypes`.
package struct DelegationDocument: Encodable, Sendable, Equatable {
  /// `DOMAIN\name`.
  package var account: String
  /// The object whose permissions these are.
  package var distinguishedName: String
  /// Who, `DOMAIN\name`.
  package var trustee: String
  /// Whether rights are taken back instead of granted.
  package var remove: Bool
  /// Those that this changes, or would.
  package var changes: [String]
  /// Those that were as they are to be already.
  package var unchanged: [String]
  /// Those that the trustee has in the end, or has now in a dry run.
  package var effective: [String]
  /// What it may do beyond all of them.
  package var excess: [RightsDocument.Excess]
  /// Whether nothing was changed.
  package var dryRun: Bool
}
