package import RotationCore

/// What the resolver of this host makes of the host of an SPN.
package struct HostEvidence: Sendable, Equatable {
  /// The name that was looked up.
  package var host: String
  /// The SPNs that have it.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// What came back.
  package var lookup: Lookup

  /// How a look-up ended.
  package enum Lookup: Sendable, Equatable {
    /// The name it stands for (itself, unless it is an alias) and its addresses.
    case found(canonicalName: String, [AddressEvidence])
    /// There is no such name, in the resolver's words.
    case absent(String)
    /// No answer came, in the resolver's words.
    case unanswered(String)
  }

  /// Makes evidence from its parts.
  package init(host: String, servicePrincipalNames: [ServicePrincipalName], lookup: Lookup) {
    self.host = host
    self.servicePrincipalNames = servicePrincipalNames
    self.lookup = lookup
  }
}

/// One address of a host.
package struct AddressEvidence: Sendable, Equatable {
  /// The name that an address stands for.
  package enum Reverse: Sendable, Equatable {
    /// This one.
    case name(String)
    /// None.
    case absent
    /// No answer came.
    case unanswered
  }

  /// The address in its numeric form.
  package var address: String
  /// What it stands for.
  package var reverse: Reverse

  /// Makes evidence from its parts.
  package init(address: String, reverse: Reverse) {
    self.address = address
    self.reverse = reverse
  }
}
