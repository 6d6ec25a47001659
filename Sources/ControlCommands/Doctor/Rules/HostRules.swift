package import RotationCore

/// Judges how this host resolves the shared names.
package struct HostRules {
  private let hosts: [HostEvidence]
  private let controllers: [String: String]
  private let families: [Set<String>]

  /// Takes what was seen.
  ///
  /// - Parameters:
  ///   - controllers: The addresses of the domain controllers, each with its name.
  ///   - families: The hosts of each account: a client that is led from one to another gets a ticket that the same key opens.
  package init(_ hosts: [HostEvidence], controllers: [String: String], families: [[ServicePrincipalName]] = []) {
    self.hosts = hosts
    self.controllers = controllers
    self.families = families.map { Set($0.compactMap { $0.hostName?.comparableHostName }) }
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] { hosts.flatMap(checks) }

  private func checks(_ host: HostEvidence) -> [DoctorCheck] {
    let resolves = "resolves"
    switch host.lookup {
    case .absent(let reason):
      return [
        DoctorCheck(
          host.host, resolves,
          DoctorFinding(.hostUnresolved, host.host, "the resolver of this host says: \(reason)", ["HOST": host.host]))
      ]
    case .unanswered(let reason): return [DoctorCheck(host.host, resolves, impossible: reason)]
    case .found(let canonicalName, let addresses):
      return [
        DoctorCheck(host.host, resolves, []), alias(host, canonicalName), wrongAddresses(host, addresses),
        reverse(host, canonicalName, addresses),
      ]
    }
  }

  private func alias(_ host: HostEvidence, _ canonicalName: String) -> DoctorCheck {
    let (name, canonical) = (host.host.comparableHostName, canonicalName.comparableHostName)
    // The search list of this host completes a short name.
    let isCompleted = !name.contains(".") && canonical.hasPrefix("\(name).")
    let isAlias = !isCompleted && canonical != name
    return DoctorCheck(
      host.host, "is no alias",
      isAlias
        ? DoctorFinding(
          .hostAlias, host.host, "the resolver of this host leads it to \(canonicalName)",
          ["HOST": host.host, "TARGET": canonicalName]) : nil)
  }

  private func wrongAddresses(_ host: HostEvidence, _ addresses: [AddressEvidence]) -> DoctorCheck {
    let wrong = addresses.compactMap { address in misfit(address.address).map { "\(address.address) \($0)" } }
    return DoctorCheck(
      host.host, "has addresses that a balancer or a node can have",
      wrong.isEmpty
        ? nil : DoctorFinding(.hostWrongAddress, host.host, wrong.joined(separator: "; "), ["HOST": host.host]))
  }

  /// Why an address is nobody's who serves clients; `nil` if it may be.
  private func misfit(_ address: String) -> String? {
    if let controller = controllers[address] { return "is that of the domain controller \(controller)" }
    if ["0.0.0.0", "::"].contains(address) { return "is no address" }
    if address.hasPrefix("169.254.") || address.lowercased().hasPrefix("fe80:") { return "is valid on one link only" }
    // A whole network on loopback addresses is one in a test.
    let isLoopback = { (address: String) in address.hasPrefix("127.") || address == "::1" }
    return isLoopback(address) && !controllers.keys.contains(where: isLoopback) ? "leads every client to itself" : nil
  }

  /// A host itself, and the others of its accounts.
  private func relatives(of name: String) -> Set<String> {
    families.filter { $0.contains(name) }.reduce([name]) { $0.union($1) }
  }

  private var usesReverse: Bool {
    hosts.contains { host in
      guard case .found(_, let addresses) = host.lookup else { return false }
      return addresses.contains { if case .name = $0.reverse { true } else { false } }
    }
  }

  private func reverse(_ host: HostEvidence, _ canonicalName: String, _ addresses: [AddressEvidence]) -> DoctorCheck {
    let claim = "is what its addresses stand for"
    if addresses.contains(where: { $0.reverse == .unanswered }) {
      return DoctorCheck(host.host, claim, impossible: "no name server answered for its addresses in time")
    }
    let expected = relatives(of: host.host.comparableHostName).union([canonicalName.comparableHostName])
    let others = addresses.compactMap { address -> String? in
      switch address.reverse {
      case .name(let name) where expected.contains(name.comparableHostName): nil
      case .name(let name): "\(address.address) stands for \(name)"
      // Where nobody keeps such records, clients go by the name that they have.
      case .absent where !usesReverse: nil
      case .absent, .unanswered: "\(address.address) stands for no name"
      }
    }
    return DoctorCheck(
      host.host, claim,
      others.isEmpty ? nil : DoctorFinding(.hostReverse, host.host, others.joined(separator: "; "), ["HOST": host.host]))
  }
}
