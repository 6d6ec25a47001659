extension UserAccountControl {
  /// It stands for a trust between domains (INTERDOMAIN_TRUST_ACCOUNT).
  package static let interdomainTrust = UserAccountControl(rawValue: 0x800)
  /// The account of a read-only domain controller (PARTIAL_SECRETS_ACCOUNT).
  package static let readOnlyController = UserAccountControl(rawValue: 0x400_0000)
}
