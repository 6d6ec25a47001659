import Dispatch
import Glibc
import Synchronization

/// What the resolver says of a host name.
package struct HostLookup: Sendable, Equatable {
  /// The name that it ends up at, lower case: another one than was asked for where that is an alias (CNAME).
  package var canonicalName: String
  /// The numeric addresses, each once, in the resolver's order.
  package var addresses: [String]

  /// Makes a result from its parts.
  package init(canonicalName: String, addresses: [String]) {
    self.canonicalName = canonicalName
    self.addresses = addresses
  }

  /// Asks the resolver, on a thread of its own that is left behind when the time is up: `getaddrinfo` knows no timeout.
  ///
  /// - Throws: ``WebFailure/unresolved(_:)``.
  package static func ask(_ host: String, timeout: Duration) async throws(WebFailure) -> HostLookup {
    let answer = FirstAnswer<Result<HostLookup, WebFailure>>()
    let milliseconds = Int(timeout / .milliseconds(1))
    let result = await withCheckedContinuation { continuation in
      answer.await(continuation)
      DispatchQueue(label: "resolve \(host)").async {
        answer.give(Result { () throws(WebFailure) in try blocking(host) })
      }
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
        answer.give(.failure(.unresolved("no name server answered in time")))
      }
    }
    return try result.get()
  }

  private static func blocking(_ host: String) throws(WebFailure) -> HostLookup {
    var hints = addrinfo()
    hints.ai_flags = AI_CANONNAME
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0, let first = list else { throw .unresolved(String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    let entries = sequence(first: first, next: { $0.pointee.ai_next })
    var addresses: [String] = []
    for address in entries.compactMap(\.pointee.numericAddress) where !addresses.contains(address) { addresses.append(address) }
    let name = first.pointee.ai_canonname.map { String(cString: $0).lowercased() } ?? host
    return HostLookup(canonicalName: name.hasSuffix(".") ? String(name.dropLast()) : name, addresses: addresses)
  }
}

/// A continuation that is resumed by whichever answer comes first.
private final class FirstAnswer<Answer: Sendable>: Sendable {
  private let continuation = Mutex<CheckedContinuation<Answer, Never>?>(nil)

  func await(_ continuation: CheckedContinuation<Answer, Never>) { self.continuation.withLock { $0 = continuation } }

  func give(_ answer: Answer) {
    continuation.withLock { $0.take() }?.resume(returning: answer)
  }
}

extension addrinfo {
  fileprivate var numericAddress: String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(ai_addr, ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
