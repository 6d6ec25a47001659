import Foundation
import Glibc
package import RotationCore

/// A URL of a shared service: the name that clients know, and the page that they ask for.
package struct WebTarget: Sendable, Equatable {
  /// Whether TLS is spoken.
  package let isSecure: Bool
  /// The shared host name, lower case.
  package let host: String
  /// The TCP port, of the URL or of its scheme.
  package let port: Int
  /// Path and query, percent-encoded.
  package let path: String

  /// Parses an absolute URL.
  ///
  /// - Throws: ``OperatorFault`` of kind `.usage` unless it is `http` or `https` to a DNS name, without a user.
  package init(_ text: String) throws(OperatorFault) {
    let refusal = { (problem: String) in
      OperatorFault(.usage, "URL '\(text)'", problem, remedy: "write it as https://mail.example.com/owa/")
    }
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme)
    else { throw refusal("is not an http or https URL") }
    guard parts.user == nil, parts.password == nil else { throw refusal("names a user") }
    guard let host = parts.host, let name = try? NodeName(host), !Self.isAddress(name.description) else {
      throw refusal("does not name the shared host by its DNS name, which tickets are for")
    }
    do { servicePrincipalName = try ServicePrincipalName("HTTP/\(name)") } catch { throw refusal(error.problem) }
    isSecure = scheme == "https"
    self.host = name.description
    port = parts.port ?? (isSecure ? 443 : 80)
    guard (1...65535).contains(port) else { throw refusal("has a port that is none") }
    let query = parts.percentEncodedQuery.map { "?\($0)" } ?? ""
    path = (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath) + query
  }

  /// The URL in its normal form.
  package var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

  /// The SPN that a browser asks a ticket for: the service class of the web, and the host without a port.
  package let servicePrincipalName: ServicePrincipalName

  /// The host, with the port where it is not the scheme's: what stands in the field `Host` (RFC 9110 section 7.2).
  var authority: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }

  private static func isAddress(_ text: String) -> Bool {
    var (four, six) = (in_addr(), in6_addr())
    return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
  }
}
