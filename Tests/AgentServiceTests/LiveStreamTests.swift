import AgentProtocol
import AgentService
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf
import Testing

@Suite("A live stream, over real TLS", .timeLimit(.minutes(1)))
struct LiveStreamTests {
  private let node: NodeName
  private let account: AccountName
  private let servicePrincipalName: ServicePrincipalName

  init() throws {
    node = try NodeName(TestService.node)
    account = try AccountName(TestService.account)
    servicePrincipalName = try ServicePrincipalName("http/mail.lab.example")
  }

  /// Runs `script` as an attached agent beside `body`, which starts once the agent has attached.
  private func withAgent(
    _ agent: TestAgent, of service: TestService, script: @escaping @Sendable (inout Conversation) async throws -> Void,
    _ body: (TestService) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await agent.attach(script) }
      _ = try await service.events.attachment()
      try await body(service)
      try await group.waitForAll()
    }
  }

  @Test("An order reaches the agent with its keys, and the agent's report reaches the rotator")
  func orderAndReport() async throws {
    try await TestService.run { service in
      let order = try Samples.order()
      let report = try Samples.report()
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      try await withAgent(agent, of: service) { conversation in
        #expect(try await conversation.order() == order)
        conversation.send(report.wire)
        _ = try await conversation.order()
      } _: { service in
        await service.service.send(order, to: node)
        #expect(try await service.events.report() == report)
        await service.service.send(try Samples.order(version: 99, keys: nil), to: node)
      }
    }
  }

  @Test("A proof comes back with the agent's answer")
  func proof() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let answer = ProofAnswer(outcome: .success([7, 7]), rotation: Samples.rotation)
      try await withAgent(agent, of: service) { conversation in
        let proof = try await conversation.proof()
        #expect(proof.request == [1, 2, 3])
        conversation.send(answer.wire(id: proof.id))
        _ = try await conversation.order()
      } _: { service in
        let received = await service.service.prove(
          [1, 2, 3], for: servicePrincipalName, of: account, on: node, isTrial: false, timeout: .seconds(30))
        #expect(received == answer)
        await service.service.send(try Samples.order(keys: nil), to: node)
      }
    }
  }

  @Test("A proof that the agent does not answer fails as unavailable when its time is up")
  func proofTimeout() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      try await withAgent(agent, of: service) { conversation in
        _ = try await conversation.order()
      } _: { service in
        let received = await service.service.prove(
          [1], for: servicePrincipalName, of: account, on: node, isTrial: false, timeout: .milliseconds(100))
        #expect(throws: OperatorFault.self) { try received.outcome.get() }
        await service.service.send(try Samples.order(keys: nil), to: node)
      }
    }
  }

  @Test("A proof is failed as soon as its agent's stream ends")
  func proofOfEndedStream() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      try await withAgent(agent, of: service) { conversation in
        _ = try await conversation.proof()
      } _: { service in
        let received = await service.service.prove(
          [1], for: servicePrincipalName, of: account, on: node, isTrial: false, timeout: .seconds(600))
        let fault = #expect(throws: OperatorFault.self) { try received.outcome.get() }
        #expect(fault?.kind == .unavailable)
      }
    }
  }

  @Test("A proof on a node that is not attached fails at once")
  func proofOfAbsentNode() async throws {
    try await TestService.run { service in
      let received = await service.service.prove(
        [1], for: servicePrincipalName, of: account, on: node, isTrial: false, timeout: .seconds(600))
      let fault = #expect(throws: OperatorFault.self) { try received.outcome.get() }
      #expect(fault?.problem == "is not attached")
    }
  }

  @Test("An agent that answers nothing any more is no longer attached, although its connection stands")
  func hangingAgent() async throws {
    var timing = AgentServiceTiming()
    timing.hello = .seconds(5)
    timing.clockProbe = .milliseconds(10)
    timing.clockAnswer = .milliseconds(100)
    try await TestService.run(authority: TestAuthority(), timing: timing) { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let status = try await agent.statusOfAttach()
      #expect(status.code == .deadlineExceeded)
      #expect(try await service.events.detachment().contains("has not answered"))
    }
  }

  @Test("A node's clock is measured at attach")
  func clock() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      try await withAgent(agent, of: service) { conversation in
        let id = try await conversation.clockProbe()
        conversation.feed.yield(
          .with {
            $0.clock.id = id
            $0.clock.time = Google_Protobuf_Timestamp(date: Date() + 3600)
          })
        _ = try await conversation.order()
      } _: { service in
        let offset = try await service.events.first { if case .clockMeasured(_, let offset) = $0 { offset } else { nil } }
        #expect((3000...4200).contains(offset))
        await service.service.send(try Samples.order(keys: nil), to: node)
      }
    }
  }

  @Test("Revocation cuts the live stream and refuses the certificate from then on")
  func revocation() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let ended = agent.statusOfAttach()
      _ = try await service.events.attachment()
      await service.service.revoke(node, at: Date())
      let status = try await ended
      #expect(status.code == .permissionDenied)
      #expect(try await service.events.detachment() == "was revoked")
      let again = try await agent.statusOfAttach()
      #expect(again.code == .permissionDenied)
      #expect(again.message.hasSuffix("issue a new one with `asactl pki issue`"))
    }
  }

  @Test("A node that the store remembers as revoked is refused after a restart")
  func rememberedRevocation() async throws {
    let record = NodeRecord(node: node, revokedAt: Date())
    try await TestService.run(authority: TestAuthority(), records: [record]) { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      #expect(try await agent.statusOfAttach().code == .permissionDenied)
    }
  }

  @Test("A second stream of the same installation replaces the first")
  func replacement() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      async let first = agent.statusOfAttach()
      _ = try await service.events.attachment()
      async let second: Void = agent.attach { _ = try await $0.order() }
      let reason = try await service.events.detachment()
      _ = try await service.events.attachment()
      let status = try await first
      await service.service.send(try Samples.order(keys: nil), to: node)
      try await second
      #expect(reason == "replaced by a newer stream of the same agent installation")
      #expect(status.code == .aborted)
    }
  }

  @Test("Another installation under an attached name is refused, and both ids are named")
  func twoInstallations() async throws {
    try await TestService.run { service in
      let identity = try service.authority.issue([TestService.node])
      let agent = TestAgent(identity, service)
      let intruder = TestAgent(identity, service)
      try await withAgent(agent, of: service) { conversation in
        _ = try await conversation.order()
      } _: { service in
        let status = try await intruder.statusOfAttach()
        #expect(status.code == .alreadyExists)
        #expect(status.message.contains(agent.installation) && status.message.contains(intruder.installation))
        await service.service.send(try Samples.order(keys: nil), to: node)
      }
    }
  }

  @Test("A node that floods the rotator with reports is cut")
  func flood() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      let report = try Samples.report().wire
      let status = try await agent.status {
        try await agent.attach { conversation in
          for _ in 0..<4000 { conversation.send(report) }
          try await conversation.drain()
        }
      }
      #expect(status.code == .resourceExhausted)
      #expect(try await service.events.detachment().contains("sends more reports than anybody asked for"))
    }
  }

  @Test("A report on an account that the node does not hold ends the stream")
  func foreignAccount() async throws {
    try await TestService.run { service in
      let agent = try TestAgent(service.authority.issue([TestService.node]), service)
      var report = try Samples.report()
      report.account = try AccountName("LAB\\other")
      let wire = report.wire
      let status = try await agent.status {
        try await agent.attach { conversation in
          conversation.send(wire)
          try await conversation.drain()
        }
      }
      #expect(status.code == .invalidArgument)
    }
  }

  @Test("A certificate that expires while its stream lives ends the stream")
  func expiry() async throws {
    var timing = AgentServiceTiming()
    timing.certificateCheck = .milliseconds(100)
    try await TestService.run(authority: TestAuthority(), timing: timing) { service in
      let identity = try service.authority.issue([TestService.node], until: Date() + 15)
      let status = try await TestAgent(identity, service).statusOfAttach()
      #expect(status.code == .unauthenticated)
      #expect(try await service.events.detachment().contains("expired at"))
    }
  }
}
