import Glibc

/// Where a server is connected to: a numeric address and a TCP port.
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
  /// The numeric address, IPv4 or IPv6.
  package let address: String
  /// The TCP port.
  package let port: Int

  /// Takes a numeric address and a port from 1 to 65535; `nil` for anything else.
  package init?(_ address: String, port: Int) {
    var (four, six) = (in_addr(), in6_addr())
    // A link-local address has a zone behind a percent sign, which inet_pton does not know.
    let bare = String(address.prefix { $0 != "%" })
    let isNumeric = inet_pton(AF_INET, address, &four) == 1 || inet_pton(AF_INET6, bare, &six) == 1
    guard isNumeric, (1...65535).contains(port) else { return nil }
    self.address = address
    self.port = port
  }

  /// Parses `192.0.2.11`, `192.0.2.11:8443`, `2001:db8::11` or `[2001:db8::11]:8443`; `nil` for anything else.
  ///
  /// - Parameter port: The port where none is written.
  package init?(parsing text: String, port: Int) {
    if let whole = WebAddress(text, port: port) {
      self = whole
    } else if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let inner = String(text[text.index(after: text.startIndex)..<end])
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":"), let port = rest.isEmpty ? port : Int(rest.dropFirst()) else { return nil }
      self.init(inner, port: port)
    } else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let port = Int(parts[1]) else { return nil }
      self.init(String(parts[0]), port: port)
    }
  }

  /// Address and port as they are written in a URL.
  package var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
