import AgentProtocol
import AgentService
import Foundation
import GRPCCore
import RotationCore
import Testing
import X509

@Suite("Reloading the agents' listener, over real TLS", .timeLimit(.minutes(1)))
struct ReconfigurationTests {
  private let node: NodeName
  private let other: NodeName

  init() throws {
    node = try NodeName(TestService.node)
    other = try NodeName("cas-2.lab.example")
  }

  private func binding(_ account: String) throws -> AccountBinding {
    AccountBinding(account: try AccountName(account), realm: Realm("LAB.EXAMPLE"), servicePrincipalNames: [])
  }

  /// Writes a server certificate of `authority` and names it in the configuration.
  private func serve(
    _ service: TestService, from authority: TestAuthority, in configuration: inout AgentServiceConfiguration
  ) throws -> Certificate {
    let issued = try authority.issue(["rotator.lab.example"], usage: .server, until: Date() + 300)
    configuration.certificate = try service.directory.write("new.pem", issued.certificatePEM)
    configuration.privateKey = try service.directory.write("new.key", issued.keyPEM)
    return issued.certificate
  }

  @Test("A node that is configured no longer is cut off, and refused by name when it dials in again")
  func removedNode() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let ended = agent.statusOfAttach()
      _ = try await service.events.attachment()
      try await service.reconfigure { $0.nodes[node] = nil }
      let refusal = "node \(node): is in no array of the rotator's configuration"
      let status = try await ended
      #expect(status.code == .permissionDenied)
      #expect(status.message.hasPrefix(refusal))
      #expect(try await service.events.detachment().hasPrefix(refusal))
      #expect(try await agent.statusOfAttach().message.hasPrefix(refusal))
    }
  }

  @Test("A node with other accounts is cut, and welcomed to the new ones when it dials in again")
  func otherAccounts() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let ended = agent.statusOfAttach()
      _ = try await service.events.attachment()
      let accounts = [try binding("LAB\\OTHER$")]
      try await service.reconfigure { $0.nodes[node] = accounts }
      #expect(try await ended.code == .aborted)
      #expect(try await service.events.detachment().contains("gives the node other accounts"))
      #expect(try await agent.connect { try await $0.introduceItself() }.accounts == accounts)
    }
  }

  @Test("A node whose accounts are the same, in whatever order, keeps its stream")
  func sameAccounts() async throws {
    try await TestService.run { service in
      let accounts = [try binding(TestService.account), try binding("LAB\\OTHER$")]
      try await service.reconfigure { $0.nodes[node] = accounts }
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let received = agent.attach { try await $0.order() }
      _ = try await service.events.attachment()
      try await service.reconfigure {
        $0.nodes[node] = accounts.reversed()
        $0.nodes[other] = nil
      }
      let order = try Samples.order(keys: nil)
      await service.service.send(order, to: node)
      #expect(try await received == order)
    }
  }

  @Test("A node that is configured anew may attach")
  func addedNode() async throws {
    try await TestService.run { service in
      let name = "cas-3.lab.example"
      let agent = try TestAgent(service.authority.issue([name]), service)
      try await service.reconfigure { $0.nodes[try NodeName(name)] = [try binding(TestService.account)] }
      var named = agent
      named.node = name
      #expect(try await named.connect { try await $0.introduceItself() }.accounts.count == 1)
    }
  }

  @Test("Another certificate is shown to new connections, and live streams stay")
  func otherCertificate() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let received = agent.attach { try await $0.order() }
      _ = try await service.events.attachment()
      var expected: Certificate?
      try await service.reconfigure { expected = try serve(service, from: service.authority, in: &$0) }
      #expect(try await service.certificateShown() == expected)
      #expect(service.service.certificateNotAfter == expected?.notValidAfter)
      let order = try Samples.order(keys: nil)
      await service.service.send(order, to: node)
      #expect(try await received == order)
    }
  }

  @Test("Under another authority the streams of its predecessor are cut and refused, and its own nodes are let in")
  func otherAuthority() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let ended = agent.statusOfAttach()
      _ = try await service.events.attachment()
      let successor = try TestAuthority(name: "Successor CA")
      try await service.reconfigure {
        $0.certificateAuthority = try service.directory.write("successor.pem", successor.certificatePEM)
      }
      let status = try await ended
      #expect(status.code == .unauthenticated)
      #expect(status.message.contains("does not chain to agents.certificateAuthority"))
      #expect(try await service.events.detachment().contains("does not chain to agents.certificateAuthority"))
      await #expect(throws: RPCError.self) { try await agent.attach { try await $0.drain() } }
      var renewed = try TestAgent(successor.issue([TestService.node]), service)
      renewed.installation = agent.installation
      #expect(try await renewed.connect { try await $0.introduceItself() }.accounts.count == 1)
    }
  }

  @Test("When an authority is added beside the old one, no stream is cut")
  func addedAuthority() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let received = agent.attach { try await $0.order() }
      _ = try await service.events.attachment()
      let both = try service.authority.certificatePEM + "\n" + TestAuthority(name: "Second CA").certificatePEM
      try await service.reconfigure { $0.certificateAuthority = try service.directory.write("both.pem", both) }
      let order = try Samples.order(keys: nil)
      await service.service.send(order, to: node)
      #expect(try await received == order)
    }
  }

  @Test("A connection made under the old authority does not get a stream under the new one")
  func oldConnection() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let successor = try TestAuthority(name: "Successor CA")
      let path = try service.directory.write("successor.pem", successor.certificatePEM)
      let prepared = try service.service.prepare(
        bindings: service.configuration.nodes, certificate: service.configuration.certificate,
        privateKey: service.configuration.privateKey, certificateAuthority: path)
      let listener = service.service
      let status = try await agent.status {
        try await agent.connect { conversation in
          let nonce = try await conversation.nonce()
          await listener.apply(prepared)
          conversation.send(try conversation.hello(signing: nonce))
          try await conversation.drain()
        }
      }
      #expect(status.code == .aborted)
      #expect(status.message.contains("agents.certificateAuthority was changed"))
    }
  }

  @Test("A configuration with an unusable certificate is refused whole")
  func refusedWhole() async throws {
    try await TestService.run { service in
      let before = try await service.certificateShown()
      let fault = await #expect(throws: OperatorFault.self) {
        try await service.reconfigure {
          $0.nodes[node] = nil
          $0.privateKey = try service.directory.write("other.key", service.authority.issue(["x"]).keyPEM)
        }
      }
      #expect(fault?.kind == .configuration)
      #expect(try await service.certificateShown() == before)
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      #expect(try await agent.connect { try await $0.introduceItself() }.accounts.count == 1)
    }
  }
}

@Suite("Certificate files that change on disk", .timeLimit(.minutes(1)))
struct CertificateRenewalTests {
  private var watchful: AgentServiceTiming {
    var timing = AgentServiceTiming()
    timing.certificateFiles = .milliseconds(20)
    return timing
  }

  @Test("A renewed pair is used without a reload; while the pair is half written the old one serves")
  func renewal() async throws {
    let log = LogProbe()
    try await TestService.run(authority: TestAuthority(), timing: watchful, logger: log.logger) { service in
      let before = try await service.certificateShown()
      let issued = try service.authority.issue(["rotator.lab.example"], usage: .server, until: Date() + 300)
      _ = try service.directory.write("server.pem", issued.certificatePEM)
      let warning = await log.message("agents.privateKey")
      #expect(warning?.contains("does not belong to the certificate") == true)
      #expect(try await service.certificateShown() == before)
      _ = try service.directory.write("server.key", issued.keyPEM)
      _ = await log.message("The certificate files have changed")
      #expect(try await service.certificateShown() == issued.certificate)
      #expect(service.service.certificateNotAfter == issued.certificate.notValidAfter)
    }
  }

  @Test("A renewed file of authorities cuts the streams that do not chain to it")
  func authorities() async throws {
    try await TestService.run(authority: TestAuthority(), timing: watchful) { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let ended = agent.statusOfAttach()
      _ = try await service.events.attachment()
      _ = try service.directory.write("ca.pem", TestAuthority(name: "Successor CA").certificatePEM)
      #expect(try await ended.code == .unauthenticated)
    }
  }
}
