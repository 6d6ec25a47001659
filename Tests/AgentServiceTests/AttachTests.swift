import AgentProtocol
import AgentService
import Foundation
import GRPCCore
import RotationCore
import Testing

@Suite("Attaching to the rotator, over real TLS", .timeLimit(.minutes(1)))
struct AttachTests {
  @Test("An agent with its node's certificate is welcomed with the store's secret and its accounts")
  func accepted() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let welcome = try await agent.connect { try await $0.introduceItself() }
      #expect(welcome.rotator == TestService.identity.rotator)
      #expect(welcome.fingerprintSecret == TestService.identity.fingerprintSecret)
      #expect(welcome.accounts.map(\.account.description) == [TestService.account])
      let attachment = try await service.events.attachment()
      #expect(attachment.installation == agent.installation)
      #expect(attachment.agentVersion == "1.0.0")
      #expect(attachment.certificateFingerprint.count == 64)
    }
  }

  @Test("An agent with an RSA key is welcomed")
  func rsa() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issueRSA([TestService.node]), service)
      let welcome = try await agent.connect { try await $0.introduceItself() }
      #expect(welcome.rotator == TestService.identity.rotator)
    }
  }

  @Test("A node name with other case in the certificate is the same node")
  func otherCase() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue(["CAS-1.Lab.Example"]), service)
      _ = try await agent.connect { try await $0.introduceItself() }
      #expect(try await service.events.attachment().node.description == TestService.node)
    }
  }

  @Test("A node that is in no array is refused by name, with the way out")
  func unknownNode() async throws {
    try await TestService.run { service in
      var agent = try TestAgent(service.authority.issue(["stranger.lab.example"]), service)
      agent.node = "stranger.lab.example"
      let status = try await agent.statusOfAttach()
      #expect(status.code == .permissionDenied)
      #expect(status.message.hasPrefix("node stranger.lab.example: is in no array of the rotator's configuration; "))
      #expect(try await service.events.refusal().name == "stranger.lab.example")
    }
  }

  @Test("A certificate of a foreign CA does not get through the handshake, and the refusal is recorded")
  func foreignAuthority() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(TestAuthority(name: "Test CA").issue([TestService.node]), service)
      await #expect(throws: RPCError.self) { try await agent.attach { try await $0.drain() } }
      let refusal = try await service.events.refusal()
      #expect(refusal.name == TestService.node)
      #expect(refusal.fault.problem == "certificate does not chain to agents.certificateAuthority")
    }
  }

  @Test("An expired certificate is refused as expired")
  func expired() async throws {
    try await TestService.run { service in
      let identity = try service.authority.issue([TestService.node], from: Date() - 60, until: Date() - 30)
      await #expect(throws: RPCError.self) { try await TestAgent(identity, service).attach { try await $0.drain() } }
      #expect(try await service.events.refusal().fault.problem.hasPrefix("certificate expired at "))
    }
  }

  /// A certificate of our CA that is no node certificate, and why.
  struct BadCertificate: Sendable, CustomTestStringConvertible {
    let names: [String]
    let usage: TestAuthority.Usage
    let problem: String
    var testDescription: String { problem }
  }

  @Test(
    "A certificate that is not one node's client certificate is refused, saying why",
    arguments: [
      BadCertificate(names: [TestService.node], usage: .both, problem: "is a server certificate"),
      BadCertificate(names: [TestService.node], usage: .server, problem: "lacks the extended key usage clientAuth"),
      BadCertificate(names: [TestService.node], usage: .none, problem: "lacks the extended key usage clientAuth"),
      BadCertificate(names: [TestService.node, "cas-2.lab.example"], usage: .client, problem: "names 2 DNS hosts"),
      BadCertificate(names: [], usage: .client, problem: "names 0 DNS hosts"),
      BadCertificate(names: ["*.lab.example"], usage: .client, problem: "has a wildcard name"),
    ])
  func badCertificate(_ bad: BadCertificate) async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue(bad.names, usage: bad.usage), service)
      let status = try await agent.statusOfAttach()
      #expect(status.code == .unauthenticated)
      #expect(status.message.contains(bad.problem))
      #expect(status.message.hasSuffix("issue a node certificate with `asactl pki issue`"))
      #expect(try await service.events.refusal().fault.problem.contains(bad.problem))
    }
  }

  @Test("A signature by another key than the certificate's is refused")
  func badSignature() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let other = try service.authority.issue([TestService.node])
      let status = try await agent.status {
        try await agent.connect { conversation in
          let nonce = try await conversation.nonce()
          var hello = try conversation.hello(signing: nonce)
          hello.signature = try other.sign(
            AttachSignature.message(nonce: nonce, node: NodeName(agent.node), installation: agent.installation))
          conversation.send(hello)
          try await conversation.drain()
        }
      }
      #expect(status.code == .unauthenticated)
      #expect(try await service.events.refusal().name == TestService.node)
    }
  }

  @Test("A signature over another stream's challenge is refused")
  func replay() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let recorded = try await agent.connect { conversation in
        let hello = try conversation.hello(signing: try await conversation.nonce())
        conversation.send(hello)
        return hello
      }
      let status = try await agent.status {
        try await agent.connect { conversation in
          _ = try await conversation.nonce()
          conversation.send(recorded)
          try await conversation.drain()
        }
      }
      #expect(status.code == .unauthenticated)
    }
  }

  @Test("A Hello that names another node than the certificate is refused")
  func otherNode() async throws {
    try await TestService.run { service in
      var agent = try TestAgent(service.authority.issue([TestService.node]), service)
      agent.node = "cas-2.lab.example"
      #expect(try await agent.statusOfAttach().code == .unauthenticated)
    }
  }

  @Test("An agent that sends a report before its Hello is refused")
  func reportFirst() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let status = try await agent.status {
        try await agent.connect { conversation in
          conversation.send(try Samples.report().wire)
          try await conversation.drain()
        }
      }
      #expect(status.code == .invalidArgument)
    }
  }

  @Test("An agent that does not answer its challenge is refused when the time is up")
  func handshakeDeadline() async throws {
    var timing = AgentServiceTiming()
    timing.hello = .milliseconds(200)
    try await TestService.run(authority: TestAuthority(), timing: timing) { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let status = try await agent.status { try await agent.connect { try await $0.drain() } }
      #expect(status.code == .deadlineExceeded)
    }
  }
}
