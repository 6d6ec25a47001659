import Glibc
import RotationCore

/// A DNS host name in lower case, without a trailing dot.
struct HostName: Hashable, CustomStringConvertible {
  let text: String
  var description: String { text }

  /// `nil` unless it is a plain host name.
  init?(_ text: String) {
    guard let name = try? NodeName(text) else { return nil }
    self.text = name.description
  }
}

/// An IP address in its text form.
struct IPAddress {
  let text: String

  /// `nil` unless it is an IPv4 or IPv6 address.
  init?(_ text: String) {
    var buffer = in6_addr()
    guard inet_pton(AF_INET, text, &buffer) == 1 || inet_pton(AF_INET6, text, &buffer) == 1 else { return nil }
    self.text = text
  }
}

/// A host with a TCP port: `host:port`, `[::1]:port`, or the host alone.
struct Endpoint {
  static let defaultPort = 7749

  let host: String
  let port: Int

  /// Whether the host is an address rather than a name.
  var isAddress: Bool { IPAddress(host) != nil }

  /// `nil` unless the host is a name or an address and the port is one.
  init?(_ text: String) {
    guard let (host, port) = Self.split(text), let number = port.isEmpty ? Self.defaultPort : Int(port),
      (1...65_535).contains(number)
    else { return nil }
    guard let name = IPAddress(host)?.text ?? HostName(host)?.text else { return nil }
    self.host = name
    self.port = number
  }

  private static func split(_ text: String) -> (host: String, port: String)? {
    if text.hasPrefix("[") {
      let parts = text.dropFirst().split(separator: "]", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].isEmpty || parts[1].hasPrefix(":") else { return nil }
      return (String(parts[0]), String(parts[1].dropFirst()))
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return (text, "")
    case 2 where !parts[1].isEmpty: return (String(parts[0]), String(parts[1]))
    default: return nil
    }
  }
}

extension ScalarForm where Value == Endpoint {
  static let endpoint = ScalarForm("host:port, with an IPv6 address in brackets") { Endpoint($0) }
}

extension ScalarForm where Value == HostName {
  static let hostName = ScalarForm("a DNS host name such as dc1.example.com") { HostName($0) }
}

extension ScalarForm where Value == IPAddress {
  static let address = ScalarForm("an IP address") { IPAddress($0) }
}
