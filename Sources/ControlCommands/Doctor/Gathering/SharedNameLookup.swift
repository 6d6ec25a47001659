import Glibc
import RotationCore

/// Asks the resolver of this host, as the clients of a service do, each question within a time.
struct SharedNameLookup: Sendable {
  /// The longest that one question may take.
  let limit: Duration

  /// Looks the host of some SPNs up, and what its addresses stand for.
  func evidence(of host: String, _ names: [ServicePrincipalName]) async -> HostEvidence {
    let lookup = await answer(for: host)
    guard case .found(let canonicalName, let addresses) = lookup else {
      return HostEvidence(host: host, servicePrincipalNames: names, lookup: lookup)
    }
    let reversed = await withTaskGroup(of: (Int, AddressEvidence).self) { group in
      for (index, address) in addresses.enumerated() { group.addTask { (index, await reverse(of: address.address)) } }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    return HostEvidence(
      host: host, servicePrincipalNames: names,
      lookup: .found(canonicalName: canonicalName, addresses.indices.compactMap { reversed[$0] }))
  }

  /// The addresses of a host in their numeric form; none if it does not resolve in time.
  func addresses(of host: String) async -> [String] {
    if case .found(_, let addresses) = await answer(for: host) { addresses.map(\.address) } else { [] }
  }

  private func answer(for host: String) async -> HostEvidence.Lookup {
    let answer = await BoundedWait.result("resolve \(host)", within: limit) { Self.lookUp(host) }
    return answer ?? .unanswered("no name server answered for \(host) in time")
  }

  private func reverse(of address: String) async -> AddressEvidence {
    let answer = await BoundedWait.result("resolve \(address)", within: limit) { Self.reverse(of: address) }
    return AddressEvidence(address: address, reverse: answer ?? .unanswered)
  }
}

// MARK: - getaddrinfo and getnameinfo

extension SharedNameLookup {
  private static func lookUp(_ host: String) -> HostEvidence.Lookup {
    var hints = addrinfo()
    hints.ai_flags = AI_CANONNAME
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    let reason = "\(host): \(String(cString: gai_strerror(code)))"
    guard code == 0, let list else { return code == EAI_AGAIN ? .unanswered(reason) : .absent(reason) }
    defer { freeaddrinfo(list) }
    let name = list.pointee.ai_canonname.map { String(cString: $0) } ?? host
    var addresses: [String] = []
    for entry in sequence(first: list, next: { $0.pointee.ai_next }) {
      if let address = text(of: entry.pointee.ai_addr, entry.pointee.ai_addrlen, NI_NUMERICHOST).name,
        !addresses.contains(address)
      {
        addresses.append(address)
      }
    }
    return .found(canonicalName: name, addresses.map { AddressEvidence(address: $0, reverse: .absent) })
  }

  private static func reverse(of address: String) -> AddressEvidence.Reverse {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, nil, &hints, &list) == 0, let list else { return .absent }
    defer { freeaddrinfo(list) }
    let (name, code) = text(of: list.pointee.ai_addr, list.pointee.ai_addrlen, NI_NAMEREQD)
    if let name { return .name(name) }
    return code == EAI_AGAIN ? .unanswered : .absent
  }

  private static func text(
    of address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t, _ flags: Int32
  ) -> (name: String?, code: Int32) {
    var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, flags)
    guard code == 0 else { return (nil, code) }
    return (String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), code)
  }
}

extension ServicePrincipalName {
  /// The host that clients look up; `nil` for an account's own name.
  var hostName: String? {
    let parts = description.split(separator: "/", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]).lowercased() : nil
  }
}

extension SharedNameLookup {
  /// Looks up the hosts of SPNs, each once and all at once.
  func evidence(of names: [ServicePrincipalName], _ progress: ExaminationProgress) async -> [HostEvidence] {
    let hosts = Dictionary(grouping: names.filter { $0.hostName != nil }) { $0.hostName ?? "" }
    return await withTaskGroup(of: HostEvidence.self) { group in
      for (host, names) in hosts {
        group.addTask { await progress.during("the resolver (\(host))") { await evidence(of: host, names) } }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.host < $1.host }
    }
  }
}
