import Configuration
import Foundation
import Glibc
import NodeAgent
import RotationCore
import Testing

@Suite("HAProxy's agent check", .timeLimit(.minutes(1)))
struct AgentCheckTests {
  /// A port of 127.0.0.1 that was free a moment ago.
  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | getsockname(descriptor, $0, &size)
      }
    }
    try #require(status == 0)
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// What the check answers; an empty text while nobody listens.
  private static func answer(on port: Int) async throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = UInt16(port).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { return "" }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }

  @Test("It says up while the node is in service, and drain while it is not")
  func answers() async throws {
    let (port, state) = (try Self.freePort(), ServiceState())
    let service = AgentCheckService(
      address: ListenAddress(host: "127.0.0.1", port: port), state: state, logger: TestNode.quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      while try await Self.answer(on: port).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      #expect(try await Self.answer(on: port) == "drain\n")
      state.isInService = true
      #expect(try await Self.answer(on: port) == "up ready\n")
      group.cancelAll()
    }
  }

  @Test("An address that is none of this host's may come: it is waited for by starting again")
  func taken() async throws {
    let service = AgentCheckService(
      address: ListenAddress(host: "192.0.2.1", port: 7750), state: ServiceState(), logger: TestNode.quietLogger)
    let fault = await #expect(throws: OperatorFault.self) { try await service.run() }
    #expect(fault?.kind == .unavailable)
  }
}
