import Dispatch
import Glibc
import Synchronization

/// One address to connect to.
struct SocketAddress: Sendable, Equatable {
  let family: Int32
  let bytes: [UInt8]

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes { buffer in
      buffer.withMemoryRebound(to: sockaddr.self) { rebound in
        guard let start = rebound.baseAddress else { preconditionFailure("an address always has bytes") }
        return body(start, socklen_t(buffer.count))
      }
    }
  }
}

/// Host names to addresses, with an end.
///
/// `getaddrinfo` knows no timeout. It runs on a thread of its own that is left behind when the time is up; it then ends by itself within the
/// resolver's own limits (`resolv.conf`).
final class HostResolution: Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private let outcome = Mutex<Result<[SocketAddress], TransportFailure>?>(nil)

  static func addresses(
    of endpoint: KDCEndpoint, until deadline: ContinuousClock.Instant
  ) throws(TransportFailure) -> [SocketAddress] {
    if let addresses = try? lookUp(endpoint, flags: AI_NUMERICHOST) { return addresses }
    let resolution = HostResolution()
    // A queue of its own: the global ones have a bounded number of threads, which abandoned look-ups must not use up.
    DispatchQueue(label: "resolve \(endpoint.host)").async { resolution.run(endpoint) }
    return try resolution.wait(for: endpoint, until: deadline)
  }

  private func run(_ endpoint: KDCEndpoint) {
    let result = Result { () throws(TransportFailure) in try Self.lookUp(endpoint, flags: 0) }
    outcome.withLock { $0 = result }
    finished.signal()
  }

  private func wait(
    for endpoint: KDCEndpoint, until deadline: ContinuousClock.Instant
  ) throws(TransportFailure) -> [SocketAddress] {
    _ = finished.wait(timeout: .now() + .milliseconds(Int(deadline.millisecondsLeft)))
    guard let outcome = outcome.withLock({ $0 }) else {
      throw .unreachable("no name server answered for \(endpoint.host) in time")
    }
    return try outcome.get()
  }

  private static func lookUp(_ endpoint: KDCEndpoint, flags: Int32) throws(TransportFailure) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_flags = flags | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
    guard code == 0 else { throw .unreachable("\(endpoint.host): \(String(cString: gai_strerror(code)))") }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { $0?.pointee.address }
  }
}

extension addrinfo {
  fileprivate var address: SocketAddress? {
    guard let ai_addr else { return nil }
    return SocketAddress(family: ai_family, bytes: Array(UnsafeRawBufferPointer(start: ai_addr, count: Int(ai_addrlen))))
  }
}

extension ContinuousClock.Instant {
  /// Milliseconds from now until this instant, at least zero, for system calls.
  var millisecondsLeft: Int32 {
    let left = ContinuousClock.now.duration(to: self) / .milliseconds(1)
    return Int32(clamping: Int64(max(0, min(left.rounded(.up), Double(Int32.max)))))
  }
}
