import Dispatch
import Glibc
import Synchronization

/// A TCP listener on loopback that answers each connection as told, or never.
final class ScriptedKDC: Sendable {
  private let socket: Int32
  private let counter = QuestionCounter()
  private let gate = DispatchSemaphore(value: 0)
  let address: String

  /// How many questions it has taken.
  var questionCount: Int { counter.count }

  /// - Parameters:
  ///   - answers: The bytes sent back on each connection in turn, the last ones from then on; none to keep silent.
  ///   - isHeld: Whether each question waits for ``release()`` before it is answered.
  init(raw answers: [[UInt8]], isHeld: Bool = false) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    address = "127.0.0.1:\(Self.listen(on: socket))"
    guard let last = answers.last else { return }
    DispatchQueue(label: "KDC \(address)").async { [socket, counter, gate] in
      while case let connection = accept(socket, nil, nil), connection >= 0 {
        let number = counter.increment()
        if isHeld { gate.wait() }
        let answer = number < answers.count ? answers[number] : last
        var question = [UInt8](repeating: 0, count: 8192)
        _ = read(connection, &question, question.count)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        close(connection)
      }
      close(socket)
    }
  }

  /// - Parameter messages: Likewise, each with its length put in front.
  convenience init(answering messages: [UInt8]...) {
    self.init(raw: messages.map { withUnsafeBytes(of: UInt32($0.count).bigEndian, Array.init) + $0 })
  }

  /// Lets one question be answered.
  func release() { gate.signal() }

  deinit { shutdown(socket, Int32(SHUT_RDWR)) }

  private static func listen(on socket: Int32) -> UInt16 {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, length)
        _ = Glibc.listen(socket, 16)
        _ = getsockname(socket, $0, &length)
      }
    }
    return UInt16(bigEndian: name.sin_port)
  }
}

/// Counts from several threads.
private final class QuestionCounter: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock { $0 } }

  /// Returns the count before.
  func increment() -> Int {
    value.withLock { value in
      defer { value += 1 }
      return value
    }
  }
}
