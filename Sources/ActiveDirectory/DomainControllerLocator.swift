import CLDAP
package import RotationCore

/// Finds the domain controllers of a realm in DNS.
package enum DomainControllerLocator {
  /// The controllers in the order of their SRV records' priority, weighted at random within one (RFC 2782); those of a site come first (MS-ADTS
  /// 6.3.2.3).
  ///
  /// - Parameter site: The name of the site that is near; `nil`: none is nearer than another.
  /// The lookup runs on a thread that may block; the resolver's own timeouts bound it (resolv.conf).
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if DNS names none.
  package static func controllers(of realm: Realm, site: String? = nil) async throws(OperatorFault) -> [String] {
    try await ServiceResolver().controllers(of: realm, site: site)
  }

  /// The host names in libldap's list, `host:port host:port`, lower case and each once.
  package static func hosts(in list: String) -> [String] {
    var hosts: [String] = []
    for entry in list.split(separator: " ") {
      let host = entry.prefix { $0 != ":" }.lowercased()
      if !host.isEmpty, !hosts.contains(host) { hosts.append(host) }
    }
    return hosts
  }
}

private actor ServiceResolver {
  nonisolated private let executor = BlockingExecutor(label: "dns srv")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func controllers(of realm: Realm, site: String?) throws(OperatorFault) -> [String] {
    // Names of this form hold domain controllers only (MS-ADTS 6.3.2.3); libldap puts _ldap._tcp in front.
    let domain = "dc._msdcs.\(realm.dnsName)"
    let near = site.map { hosts(of: "\($0)._sites.\(domain)") } ?? []
    let all = hosts(of: domain)
    guard !near.isEmpty || !all.isEmpty else {
      throw OperatorFault(
        .unavailable, "realm \(realm)", "DNS names no domain controller (SRV _ldap._tcp.\(domain))",
        remedy: "check the resolver, or list the realm's controllers in the configuration")
    }
    return near + all.filter { !near.contains($0) }
  }

  private func hosts(of domain: String) -> [String] {
    var list: UnsafeMutablePointer<CChar>?
    let code = ldap_domain2hostlist(domain, &list)
    defer { ldap_memfree(list) }
    guard code == LDAP_SUCCESS, let list else { return [] }
    return DomainControllerLocator.hosts(in: String(cString: list))
  }
}
