import RotationCore

/// The one KDC that a context talks to: `host`, `host:port`, `[address]:port`, or a bare address of either family.
struct KDCEndpoint: Sendable, Equatable, CustomStringConvertible {
  static let defaultPort: UInt16 = 88

  let host: String
  let port: UInt16

  init(_ text: String) throws(OperatorFault) {
    guard let (host, port) = Self.parse(text), !host.isEmpty, host.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "/" })
    else {
      throw OperatorFault(
        .configuration, "KDC '\(text)'", "is not a host name or address",
        remedy: "write it as dc1.example.com or dc1.example.com:88")
    }
    self.host = host
    self.port = port
  }

  private static func parse(_ text: String) -> (host: String, port: UInt16)? {
    if text.hasPrefix("[") {
      let parts = text.dropFirst().split(separator: "]", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      if parts[1].isEmpty { return (String(parts[0]), defaultPort) }
      guard parts[1].hasPrefix(":") else { return nil }
      return port(parts[1].dropFirst()).map { (String(parts[0]), $0) }
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    // More than one colon without brackets is an IPv6 address, which then has no port.
    guard parts.count == 2 else { return (text, defaultPort) }
    return port(parts[1]).map { (String(parts[0]), $0) }
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard text.allSatisfy(\.isNumber), let port = UInt16(text), port > 0 else { return nil }
    return port
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
