package import Foundation

/// What `asactl account create --json` prints.
package struct AccountCreationDocument: Encodable, Sendable, Equatable {
  /// Whether one domain controller has the account.
  package struct Controller: Encodable, Sendable, Equatable {
    /// Its DNS name.
    package var name: String
    /// Whether it has it.
    package var hasIt: Bool
    /// Why it does not, as far as that is known.
    @NullIfAbsent package var fault: String?
  }

  /// `DOMAIN\name`.
  package var account: String
  /// `computer` or `user`.
  package var kind: String
  /// Where it is, or would be.
  package var distinguishedName: String
  /// Its objectGUID; `null` in a dry run.
  @NullIfAbsent package var objectGUID: UUID?
  /// Its description.
  @NullIfAbsent package var description: String?
  /// msDS-SupportedEncryptionTypes.
  package var supportedEncryptionTypes: UInt32
  /// The domain controller that it is made on.
  package var domainController: String
  /// The domain controllers; empty in a dry run.
  package var controllers: [Controller]
  /// What delegates it to the rotator, one command each, with `ROTATOR` where its name is not known; empty in a dry run.
  package var delegation: [String]
  /// Whether nothing was changed.
  package var dryRun: Bool
}
