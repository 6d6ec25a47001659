/// What `asactl spn add --json` and `asactl spn remove --json` print.
package struct NameChangeDocument: Encodable, Sendable, Equatable {
  /// `DOMAIN\name`.
  package var account: String
  /// Where it is.
  package var distinguishedName: String
  /// The domain controller that is written to.
  package var domainController: String
  /// The SPNs that were, or would be, added or removed, as they are spelled.
  package var changes: [String]
  /// Those that were there, or not there, already.
  package var unchanged: [String]
  /// What to know before, one sentence each.
  package var warnings: [String]
  /// Whether nothing was changed.
  package var dryRun: Bool
}
