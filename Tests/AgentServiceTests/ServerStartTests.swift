import AgentService
import Foundation
import RotationCore
import Testing
import X509

@Suite("Starting the service")
struct ServerStartTests {
  private let directory: TestDirectory
  private let authority: TestAuthority

  init() throws {
    directory = try TestDirectory()
    authority = try TestAuthority()
  }

  private func fault(_ edit: (inout AgentServiceConfiguration) throws -> Void) throws -> OperatorFault? {
    var configuration = try TestService.configuration(in: directory, authority: authority)
    try edit(&configuration)
    return #expect(throws: OperatorFault.self) {
      try AgentService(configuration, identity: TestService.identity, logger: TestService.quietLogger)
    }
  }

  private func write(_ identity: TestIdentity, _ configuration: inout AgentServiceConfiguration) throws {
    configuration.certificate = try directory.write("other.pem", identity.certificatePEM)
    configuration.privateKey = try directory.write("other.key", identity.keyPEM)
  }

  @Test("A missing certificate is named with its option")
  func missing() throws {
    let fault = try fault { $0.certificate = "/nonexistent/server.pem" }
    #expect(fault?.kind == .configuration)
    #expect(fault?.subject == "agents.certificate /nonexistent/server.pem")
  }

  @Test("A file that is no certificate is refused")
  func garbage() throws {
    #expect(try fault { $0.certificate = try directory.write("garbage.pem", "nonsense") }?.kind == .configuration)
  }

  @Test("An expired certificate is refused")
  func expired() throws {
    let fault = try fault {
      try write(authority.issue(["rotator"], usage: .server, from: Date() - 60, until: Date() - 30), &$0)
    }
    #expect(fault?.problem.hasPrefix("expired at ") == true)
  }

  @Test("A node's certificate is refused as the rotator's")
  func clientCertificate() throws {
    let fault = try fault { try write(authority.issue(["rotator"], usage: .client), &$0) }
    #expect(fault?.problem == "lacks the extended key usage serverAuth")
  }

  @Test("A key that belongs to another certificate is refused")
  func mismatch() throws {
    let other = try authority.issue(["other"], usage: .server)
    let fault = try fault { $0.privateKey = try directory.write("other.key", other.keyPEM) }
    #expect(fault?.problem.hasPrefix("does not belong to the certificate ") == true)
  }

  @Test("A private key that others may read is refused", arguments: [0o640, 0o604])
  func readableKey(mode: Int) throws {
    let fault = try fault {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: $0.privateKey)
    }
    #expect(fault?.problem == "may be read by others than its owner (mode 0\(String(mode, radix: 8)))")
  }

  @Test("A file of authorities without a CA certificate is refused")
  func authorities() throws {
    let fault = try fault { $0.certificateAuthority = $0.certificate }
    #expect(fault?.problem == "holds no CA certificate that is valid now")
  }

  @Test("A host that is not an IP address is refused")
  func host() throws {
    #expect(try fault { $0.host = "rotator.lab.example" }?.kind == .configuration)
  }

  @Test("An address in use is named", .timeLimit(.minutes(1)))
  func addressInUse() async throws {
    try await TestService.run(authority: authority) { running in
      var configuration = try TestService.configuration(in: directory, authority: authority)
      configuration.port = running.port
      let second = try AgentService(configuration, identity: TestService.identity, logger: TestService.quietLogger)
      let fault = await #expect(throws: OperatorFault.self) { try await second.run() }
      #expect(fault?.kind == .unavailable)
      #expect(fault?.subject == "agents.listen 127.0.0.1:\(running.port)")
    }
  }

  @Test("A cancelled service ends its events", .timeLimit(.minutes(1)))
  func cancellation() async throws {
    let configuration = try TestService.configuration(in: directory, authority: authority)
    let service = try AgentService(configuration, identity: TestService.identity, logger: TestService.quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      _ = try await service.listeningPort
      group.cancelAll()
    }
    var iterator = service.events.makeAsyncIterator()
    #expect(await iterator.next() == nil)
  }
}
