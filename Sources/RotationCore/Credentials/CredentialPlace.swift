/// The keys of one account on one node.
package struct CredentialPlace: Hashable, Sendable, Comparable {
  /// The account.
  package var account: AccountName
  /// The node.
  package var node: NodeName

  /// Names a place.
  package init(account: AccountName, node: NodeName) {
    self.account = account
    self.node = node
  }

  /// By account, then by node.
  package static func < (left: CredentialPlace, right: CredentialPlace) -> Bool {
    (left.account.description, left.node) < (right.account.description, right.node)
  }
}
