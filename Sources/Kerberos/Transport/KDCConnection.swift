import Glibc

/// One TCP connection to a KDC: one question, one answer, each with its length in front (RFC 4120 section 7.2.2).
struct KDCConnection: ~Copyable {
  /// Far above any real answer (a PAC is at most some tens of KiB), far below what could hurt.
  static let answerLimit = 1 << 20

  private let socket: FileDescriptor
  private let deadline: ContinuousClock.Instant

  static func exchange(
    _ question: UnsafeRawBufferPointer, with address: SocketAddress, until deadline: ContinuousClock.Instant
  ) throws(TransportFailure) -> [UInt8] {
    let connection = KDCConnection(socket: try makeSocket(for: address), deadline: deadline)
    try connection.open(to: address)
    try connection.send(withUnsafeBytes(of: UInt32(question.count).bigEndian, Array.init) + question)
    let length = try connection.receive(4).reduce(0) { $0 << 8 | Int($1) }
    guard (1...answerLimit).contains(length) else {
      throw TransportFailure(reason: .protocolBroken, problem: "it announced an answer of \(length) bytes")
    }
    return try connection.receive(length)
  }

  private init(socket: consuming FileDescriptor, deadline: ContinuousClock.Instant) {
    self.socket = socket
    self.deadline = deadline
  }

  private static func makeSocket(for address: SocketAddress) throws(TransportFailure) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard let socket = FileDescriptor(Glibc.socket(address.family, type, 0)) else { throw .system("no socket", errno) }
    return socket
  }

  private func open(to address: SocketAddress) throws(TransportFailure) {
    let number = socket.number
    guard address.withPointer({ connect(number, $0, $1) }) != 0 else { return }
    guard errno == EINPROGRESS else { throw .system("no connection", errno) }
    try waitUntilReady(for: Int16(POLLOUT), "no connection")
    try requireConnected()
  }

  private func requireConnected() throws(TransportFailure) {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &code, &length)
    guard code == 0 else { throw .system("no connection", code) }
  }

  private func send(_ bytes: [UInt8]) throws(TransportFailure) {
    let number = socket.number
    var rest = bytes[...]
    while !rest.isEmpty {
      try waitUntilReady(for: Int16(POLLOUT), "the question was not taken")
      // MSG_NOSIGNAL: a KDC that closes early is a failure, not a signal.
      let count = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno != EAGAIN, errno != EINTR { throw .system("the question was not taken", errno) }
      rest = rest.dropFirst(max(0, count))
    }
  }

  private func receive(_ length: Int) throws(TransportFailure) -> [UInt8] {
    let number = socket.number
    var answer = [UInt8](repeating: 0, count: length)
    var filled = 0
    while filled < length {
      try waitUntilReady(for: Int16(POLLIN), "no answer")
      let count = answer.withUnsafeMutableBytes { recv(number, $0.baseAddress?.advanced(by: filled), length - filled, 0) }
      if count == 0 { throw .unreachable("it closed the connection without an answer") }
      if count < 0, errno != EAGAIN, errno != EINTR { throw .system("no answer", errno) }
      filled += max(0, count)
    }
    return answer
  }

  private func waitUntilReady(for events: Int16, _ problem: String) throws(TransportFailure) {
    while true {
      var entry = pollfd(fd: socket.number, events: events, revents: 0)
      let count = poll(&entry, 1, deadline.millisecondsLeft)
      if count > 0 { return }
      if count == 0 { throw .unreachable("\(problem) in time") }
      if errno != EINTR { throw .system(problem, errno) }
    }
  }
}

extension TransportFailure {
  fileprivate static func system(_ problem: String, _ code: Int32) -> TransportFailure {
    .unreachable("\(problem): \(String(cString: strerror(code)))")
  }
}
