import Glibc
import Synchronization

/// The two sockets of one proxied connection, closed when neither direction uses them any more.
final class WireConnection: Sendable {
  /// What becomes of the server's answers.
  enum Answers: Sendable {
    case pass
    case drop
    /// The next one comes so much later.
    case delay(microseconds: UInt32)
    /// Of the next one only this part arrives, then the client is cut off.
    case cut(after: Double)
  }

  private struct State {
    var answers = Answers.pass
    var users = 2
    var isHeld = false
    var isMute = false
    /// What the client has sent after the held request; it cannot overtake it.
    var backlog: [WireFrame] = []
    var isAnswered = false
    var isAbandoned = false
  }

  let client: Int32
  let server: Int32
  private let state = Mutex(State())

  init(client: Int32, server: Int32) {
    self.client = client
    self.server = server
  }

  func set(_ answers: Answers) { state.withLock { $0.answers = answers } }

  /// A request waits for its release: the server's side stays open when the client goes.
  func hold() { state.withLock { $0.isHeld = true } }

  /// Whether the server has answered what was released.
  var isAnswered: Bool { state.withLock { $0.isAnswered } }

  /// Whether the client has gone.
  var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

  /// Nothing that the client sends from now on arrives.
  func mute() { state.withLock { $0.isMute = true } }

  /// Sends a request on, after what is held.
  func forward(_ frame: WireFrame) {
    let passes = state.withLock { state in
      if state.isHeld { state.backlog.append(frame) }
      return !state.isHeld && !state.isMute
    }
    if passes { toServer(frame.bytes) }
  }

  func toServer(_ bytes: some Collection<UInt8>) { Self.write(Array(bytes), to: server) }

  /// Sends the held request on, and what came after it.
  func release(_ frame: WireFrame) {
    let backlog = state.withLock { state in
      (state.isHeld, state.isAnswered) = (false, false)
      return state.backlog
    }
    toServer(frame.bytes)
    for later in backlog { toServer(later.bytes) }
  }

  func cut() {
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(server, Int32(SHUT_RDWR))
  }

  func cutClient() { shutdown(client, Int32(SHUT_RDWR)) }

  /// The client's side has ended.
  func requestsEnded() {
    let isHeld = state.withLock { state in
      state.isAbandoned = true
      return state.isHeld
    }
    if !isHeld { shutdown(server, Int32(SHUT_RDWR)) }
    leave()
  }

  /// Carries the server's answers until it closes the connection; a client that has gone does not end that.
  func carryAnswers() {
    var reader = FrameReader(server)
    while let frame = reader.next() {
      let rule = state.withLock { state in
        state.isAnswered = true
        defer { if case .delay = state.answers { state.answers = .pass } }
        return state.answers
      }
      switch rule {
      case .pass: Self.write(frame.bytes, to: client)
      case .drop: break
      case .delay(let microseconds):
        usleep(microseconds)
        Self.write(frame.bytes, to: client)
      case .cut(let part):
        Self.write(Array(frame.bytes.prefix(Int(Double(frame.bytes.count) * part))), to: client)
        cutClient()
      }
      state.withLock { if case .cut = $0.answers { $0.answers = .drop } }
    }
    cutClient()
    leave()
  }

  func leave() {
    let isLast = state.withLock { state in
      state.users -= 1
      return state.users == 0
    }
    guard isLast else { return }
    close(client)
    close(server)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
