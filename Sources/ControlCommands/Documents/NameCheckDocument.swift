/// What `asactl spn check --json` prints.
package struct NameCheckDocument: Encodable, Sendable, Equatable {
  /// The accounts that were looked at.
  package var accounts: [String]
  /// The domain controllers that were asked.
  package var controllers: [String]
  /// How many configured SPNs there are.
  package var checked: Int
  /// What is wrong, or worth a note.
  package var findings: [NameFinding]
  /// Whether nothing is wrong; notes do not count.
  package var clean: Bool
}

/// One thing that is wrong with an SPN, or with the account that it is on.
package struct NameFinding: Encodable, Sendable, Equatable {
  /// What it is.
  enum Kind: String, Sendable {
    /// The account is not in the directory.
    case accountMissing
    /// The account is disabled, expired, or never got a password.
    case staleOwner
    /// A configured SPN is on no object.
    case missing
    /// It is on another object and not on the account.
    case wrongAccount
    /// It is on the account and on another object.
    case duplicate
    /// It is spelled in another case than configured.
    case caseVariant
    /// A domain controller does not have it yet, or not the account.
    case notReplicated
    /// A domain controller does not answer.
    case controllerSilent
    /// The short form of its host is on another object.
    case shortName
    /// The short form of its host is on no object.
    case shortNameMissing
    /// An SPN on the account is not configured.
    case notConfigured

    /// How much it matters.
    var severity: Severity {
      switch self {
      case .accountMissing, .staleOwner, .missing, .wrongAccount, .duplicate: .error
      case .caseVariant, .notReplicated, .controllerSilent, .shortName: .warning
      case .shortNameMissing, .notConfigured: .note
      }
    }
  }

  /// How much a finding matters.
  enum Severity: String, Sendable {
    /// Clients are refused, or fall back to NTLM.
    case error
    /// Some may be, or will be.
    case warning
    /// It may be meant so.
    case note
  }

  /// `accountMissing`, `staleOwner`, `missing`, `wrongAccount`, `duplicate`, `caseVariant`, `notReplicated`, `controllerSilent`, `shortName`,
  /// `shortNameMissing` or `notConfigured`.
  package var kind: String
  /// `error`, `warning` or `note`.
  package var severity: String
  /// The account.
  package var account: String
  /// The SPN, if it is about one.
  @NullIfAbsent package var servicePrincipalName: String?
  /// The domain controller, if it is about one.
  @NullIfAbsent package var controller: String?
  /// What is wrong.
  package var problem: String
  /// What to do.
  package var advice: String
  /// The other objects that hold it.
  package var holders: [NameHolderDocument]
}
