import Glibc
import RotationCore

/// A TCP connection made with a deadline of our own. libldap would resolve the name that SASL needs for the service principal;
/// connecting first keeps the address and that name apart.
struct ConnectedSocket: ~Copyable {
  private let descriptor: Int32

  /// Connects to the first address that answers.
  init(to host: String, port: UInt16, within timeout: Duration) throws(OperatorFault) {
    let deadline = ContinuousClock.now + timeout
    var problem = "it has no address"
    for address in try SocketAddress.all(of: host, port: port) {
      switch Self.connect(to: address, until: deadline) {
      case .success(let connected):
        Self.bound(connected, by: timeout)
        descriptor = connected
        return
      case .failure(let error): problem = error.description
      }
    }
    throw OperatorFault(
      .unavailable, "domain controller \(host) port \(port)", "cannot be reached: \(problem)",
      remedy: "check that it is up and that no firewall is in between")
  }

  /// Gives up the descriptor to an owner that closes it.
  consuming func release() -> Int32 {
    let released = descriptor
    discard self
    return released
  }

  deinit { close(descriptor) }

  private static func connect(
    to address: SocketAddress, until deadline: ContinuousClock.Instant
  ) -> Result<Int32, SystemError> {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { return .failure(.current) }
    if address.connect(descriptor) == 0 { return .success(descriptor) }
    let failure = errno == EINPROGRESS ? completion(of: descriptor, until: deadline) : .current
    guard let failure else { return .success(descriptor) }
    close(descriptor)
    return .failure(failure)
  }

  private static func completion(of descriptor: Int32, until deadline: ContinuousClock.Instant) -> SystemError? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let answered = poll(&waiting, 1, Int32(clamping: (deadline - .now).wholeMilliseconds))
    if answered < 0 { return .current }
    if answered == 0 { return SystemError(number: ETIMEDOUT) }
    var number: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
    return number == 0 ? nil : SystemError(number: number)
  }

  // libldap reads and writes whole messages; without these a peer that stops in the middle of one would hold the thread for
  // ever.
  private static func bound(_ descriptor: Int32, by timeout: Duration) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    var limit = timeout.timeval
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var enabled: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &enabled, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
  }
}

private struct SystemError: Error, CustomStringConvertible {
  let number: Int32

  static var current: SystemError { SystemError(number: errno) }

  var description: String { String(cString: strerror(number)) }
}
