package import RotationCore

/// One account as the configuration names it.
package struct AccountEvidence: Sendable {
  /// Its name.
  package var name: AccountName
  /// The SPNs that clients use.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// The nodes that hold its keys.
  package var nodes: [NodeName]

  /// Makes evidence from its parts.
  package init(name: AccountName, servicePrincipalNames: [ServicePrincipalName], nodes: [NodeName]) {
    self.name = name
    self.servicePrincipalNames = servicePrincipalNames
    self.nodes = nodes
  }
}
