import ControlCommands
import ControlProtocol
import Foundation
import GRPCCore
import Glibc
import RotationCore
import Testing

@Suite("What stands between asactl and the daemon")
struct ConnectionFaultTests {
  @Test("Without a socket the way out names the daemon and the option")
  func noSocket() async throws {
    let directory = try TemporaryDirectory()
    let run = await CommandRun.run(["status", "--socket-directory", directory.path])
    #expect(run.code == 69)
    #expect(
      run.errors == "asactl: asa-rotatord: no rotator listens on \(directory.path)/status.sock; "
        + "start asa-rotatord, or name its directory with --socket-directory\n")
  }

  @Test("A socket that nobody listens on any more counts as no rotator")
  func staleSocket() async throws {
    let directory = try TemporaryDirectory()
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(directory.path)/status.sock".utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    #expect(await CommandRun.run(["status", "--socket-directory", directory.path]).code == 69)
  }

  @Test("A path too long for a Unix socket is refused by name")
  func longPath() async {
    let run = await CommandRun.run(["status", "--socket-directory", "/" + String(repeating: "x", count: 120)])
    #expect(run.code == 64)
    #expect(run.errors.contains("is too long for a Unix socket"))
  }

  @Test("The daemon's own fault arrives whole, with the exit code of its kind")
  func carriedFault() async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in throw Sample.fault("noInput").asRPCError(code: .notFound) }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(run.code == 66)
    #expect(run.errors == "asactl: node cas-3.lab.example: is not attached; start asa-agentd there\n")
  }

  @Test(
    "A bare gRPC status is told by its code",
    arguments: [(.unavailable, 69), (.unimplemented, 76), (.permissionDenied, 77), (.internalError, 70)]
      as [(RPCError.Code, Int32)])
  func bareStatus(_ code: RPCError.Code, _ exitCode: Int32) async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in throw RPCError(code: code, message: "no") }
    let run = try await daemon.listening { await CommandRun.run(["status", "--socket-directory", $0]) }
    #expect(run.code == exitCode)
  }

  @Test("A daemon that hangs up in the middle is unavailable, not an internal failure")
  func hangsUp() async throws {
    let directory = try TemporaryDirectory()
    let listener = try HangingUpListener(path: "\(directory.path)/status.sock")
    async let run = CommandRun.run(["status", "--socket-directory", directory.path])
    await listener.serve(connections: 2)
    #expect(await run.code == 69)
  }

  @Test("A fault of wrong usage names the help page of the command", arguments: [["status", "--foo"], ["nodes", "revoke"]])
  func usage(_ arguments: [String]) async {
    let run = await CommandRun.run(arguments)
    #expect(run.code == 64)
    #expect(run.errors.hasPrefix("asactl: usage: "))
    #expect(run.errors.hasSuffix("--help\n"))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test("A malformed account is refused with the form that is wanted")
  func malformedAccount() async {
    let run = await CommandRun.run(["rotate", "--account", "EXCH2016ASA$", "--yes"])
    #expect(run.code == 64)
    #expect(run.errors.contains(#"write it as LAB\EXCH2016ASA$"#))
  }

  @Test("The help page is printed on standard output with exit 0", arguments: [["--help"], ["pki"], ["rotate", "--help"]])
  func help(_ arguments: [String]) async {
    let run = await CommandRun.run(arguments)
    #expect(run.code == 0)
    #expect(run.output.contains("USAGE: asactl"))
  }
}

/// Accepts connections and closes each at once, as a daemon that dies does.
private actor HangingUpListener {
  private nonisolated let executor = BlockingExecutor(label: "test.listener")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private let descriptor: Int32

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0 && listen(descriptor, 8) == 0)
  }

  deinit { close(descriptor) }

  func serve(connections: Int) {
    for _ in 0..<connections { close(accept(descriptor, nil, nil)) }
  }
}
