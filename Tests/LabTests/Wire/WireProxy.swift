import Dispatch
import Foundation
import Glibc
import Synchronization

/// Stands in for the domain controller at an address of its own, and does to one chosen LDAP request what a network can do to it.
///
/// The requests are sealed, so a request is chosen by its length: what the rotator writes is longer than what it reads with.
final class WireProxy: Sendable {
  /// What becomes of the chosen request. Cuts take a part of the request or its answer, 0 to 1.
  enum Fault: Sendable {
    /// Both sides are cut off; that much of the request arrives.
    case cut(after: Double)
    /// That much arrives, and then nothing more; the connection stays open.
    case truncate(after: Double)
    case delay(microseconds: UInt32)
    case delayAnswer(microseconds: UInt32)
    case swallow
    case swallowAnswer
    case cutAnswer(after: Double)
    /// It waits for ``release()``, whatever becomes of the client.
    case hold
  }

  private struct State {
    var fault: Fault?
    var lengths = 0...0
    /// How many requests of that length pass first.
    var passing = 0
    /// How many times the fault is done before all is well again.
    var times = 0
    var fired = 0
    var lengthsSeen: [Int] = []
    var held: [(connection: WireConnection, frame: WireFrame)] = []
    var released: [WireConnection] = []
  }

  private static let ldap: UInt16 = 389
  private static let others: [UInt16] = [88, 3268]

  let address: String
  private let target: String
  private let listeners: [Int32]
  private let state = Mutex(State())

  init(at address: String, before target: String) throws {
    self.address = address
    self.target = target
    listeners = try ([Self.ldap] + Self.others).map { try Self.listener(address, port: $0) }
    for (listener, port) in zip(listeners, [Self.ldap] + Self.others) {
      DispatchQueue(label: "wire \(port)").async { self.accept(listener, port: port) }
    }
  }

  func stop() {
    for listener in listeners { shutdown(listener, Int32(SHUT_RDWR)) }
    release()
  }

  /// Does `fault` to the next requests with a length in `lengths`.
  func arm(_ fault: Fault, lengths: ClosedRange<Int>, passing: Int = 0, times: Int = 1) {
    state.withLock { state in
      (state.fault, state.lengths, state.passing, state.times, state.fired) = (fault, lengths, passing, times, 0)
      state.released = []
    }
  }

  func disarm() { state.withLock { $0.fault = nil } }

  /// How many requests the fault was done to since it was armed.
  var fired: Int { state.withLock { $0.fired } }

  var held: Int { state.withLock { $0.held.count } }

  /// Whether the rotator has given up waiting for everything that is held.
  var isAbandoned: Bool { state.withLock { $0.held.allSatisfy(\.connection.isAbandoned) } }

  /// The lengths of all sealed requests since the last call.
  func takeLengths() -> [Int] {
    state.withLock { state in
      defer { state.lengthsSeen = [] }
      return state.lengthsSeen
    }
  }

  /// Sends on what was held, in the order in which it came or the other way round.
  func release(lastFirst: Bool = false) {
    let held = state.withLock { state in
      defer { state.held = [] }
      state.released += state.held.map(\.connection)
      return state.held
    }
    for request in lastFirst ? held.reversed() : held { request.connection.release(request.frame) }
  }

  /// Whether the controller has answered everything that was released.
  var isReleaseAnswered: Bool { state.withLock { $0.released.allSatisfy(\.isAnswered) } }

  // MARK: Serving

  private func accept(_ listener: Int32, port: UInt16) {
    while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
      let server = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard Self.withAddress(target, port, { connect(server, $0, $1) }) == 0 else {
        close(server)
        close(client)
        continue
      }
      let connection = WireConnection(client: client, server: server)
      DispatchQueue(label: "wire requests").async { self.carryRequests(of: connection, isLDAP: port == Self.ldap) }
      DispatchQueue(label: "wire answers").async {
        if port == Self.ldap { connection.carryAnswers() } else { Self.carry(from: server, to: client, of: connection) }
      }
    }
    close(listener)
  }

  private func carryRequests(of connection: WireConnection, isLDAP: Bool) {
    guard isLDAP else { return Self.carry(from: connection.client, to: connection.server, of: connection) }
    var reader = FrameReader(connection.client)
    while let frame = reader.next() {
      if let fault = fault(for: frame) { isolate(connection, frame, fault) } else { connection.forward(frame) }
    }
    connection.requestsEnded()
  }

  private static func carry(from source: Int32, to destination: Int32, of connection: WireConnection) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(source, &buffer, buffer.count), count > 0 {
      _ = send(destination, buffer, count, Int32(MSG_NOSIGNAL))
    }
    connection.cut()
    connection.leave()
  }

  private func fault(for frame: WireFrame) -> Fault? {
    guard frame.isSealed else { return nil }
    return state.withLock { state in
      state.lengthsSeen.append(frame.bytes.count)
      guard let fault = state.fault, state.lengths.contains(frame.bytes.count) else { return nil }
      guard state.passing == 0 else {
        state.passing -= 1
        return nil
      }
      state.fired += 1
      if state.fired == state.times { state.fault = nil }
      return fault
    }
  }

  private func isolate(_ connection: WireConnection, _ frame: WireFrame, _ fault: Fault) {
    let part = { (fraction: Double) in frame.bytes.prefix(Int(Double(frame.bytes.count) * fraction)) }
    switch fault {
    case .cut(let fraction):
      connection.toServer(part(fraction))
      connection.cut()
    case .truncate(let fraction):
      connection.set(.drop)
      connection.mute()
      connection.toServer(part(fraction))
    case .delay(let microseconds):
      usleep(microseconds)
      connection.toServer(frame.bytes)
    case .delayAnswer(let microseconds):
      connection.set(.delay(microseconds: microseconds))
      connection.toServer(frame.bytes)
    case .swallow: connection.mute()
    case .swallowAnswer:
      connection.set(.drop)
      connection.toServer(frame.bytes)
    case .cutAnswer(let fraction):
      connection.set(.cut(after: fraction))
      connection.toServer(frame.bytes)
    case .hold:
      connection.hold()
      state.withLock { $0.held.append((connection, frame)) }
    }
  }

  // MARK: Sockets

  private static func listener(_ address: String, port: UInt16) throws -> Int32 {
    let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var reuse: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
    guard withAddress(address, port, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    return listener
  }

  private static func withAddress(
    _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, text, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
