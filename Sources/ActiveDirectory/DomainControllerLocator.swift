import CLDAP
package import RotationCore

/// Finds the domain controllers of a realm in DNS.
package enum DomainControllerLocator {
  /// The controllers in the order of their SRV records' priority, weighted at random within one (RFC 2782).
  ///
  /// The lookup runs on a thread that may block; the resolver's own timeouts bound it (resolv.conf).
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` if DNS names none.
  package static func controllers(of realm: Realm) async throws(OperatorFault) -> [String] {
    try await ServiceResolver().controllers(of: realm)
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

  func controllers(of realm: Realm) throws(OperatorFault) -> [String] {
    // Names of this form hold domain controllers only (MS-ADTS 6.3.2.3); libldap puts _ldap._tcp in front.
    let domain = "dc._msdcs.\(realm.dnsName)"
    var list: UnsafeMutablePointer<CChar>?
    let code = ldap_domain2hostlist(domain, &list)
    defer { ldap_memfree(list) }
    let hosts = code == LDAP_SUCCESS ? list.map { DomainControllerLocator.hosts(in: String(cString: $0)) } ?? [] : []
    guard !hosts.isEmpty else {
      throw OperatorFault(
        .unavailable, "realm \(realm)", "DNS names no domain controller (SRV _ldap._tcp.\(domain))",
        remedy: "check the resolver, or list the realm's controllers in the configuration")
    }
    return hosts
  }
}
