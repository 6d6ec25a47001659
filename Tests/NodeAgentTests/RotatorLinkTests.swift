import AgentProtocol
import AgentService
import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Systemd
import Testing
import X509

@Suite("The link to a real rotator service", .timeLimit(.minutes(2)))
struct RotatorLinkTests {
  let authority: TestAuthority

  init() throws { authority = try TestAuthority() }

  @Test("An agent attaches, reports, and carries out an order that the rotator can check")
  func attachesAndServes() async throws {
    try await withRotator { rotator in
      let keys = Samples.keys()
      let node = try rotator.node(from: authority)
      try node.install(Samples.entries(3, keys))
      try await rotator.whileLinked(node) {
        #expect(try await rotator.attachment().node == node.configuration.node)
        let adopted = try await rotator.report()
        #expect(adopted.slots.map(\.rotation) == [.adopted(KeyVersion(3))])
        let rotation = RotationID.make()
        let next = Samples.slot(4, .next, rotation: rotation)
        let order = try Samples.order(
          rotation: rotation, slots: [next, AdoptionSamples.order(AdoptionSamples.slot(3, keys: keys), .latest)])
        await rotator.service.send(order, to: node.configuration.node)
        let report = try await rotator.report()
        #expect(report.refusal == nil)
        #expect(report.slots.map(\.version.number) == [4, 3])
        let message = KeyChecksum.message(
          nonce: order.nonce, node: node.configuration.node, rotation: rotation, fingerprint: next.fingerprint)
        for (checksum, key) in zip(report.checksums, try #require(next.keys).keys) {
          #expect(KeyedChecksum.verify(checksum.bytes, over: message, with: key))
        }
        #expect(Set(try node.installed().map(\.version.number)) == [4, 3])
      }
    }
  }

  @Test("An acceptance proof is answered on the same stream")
  func proof() async throws {
    try await withRotator { rotator in
      let node = try rotator.node(from: authority)
      try node.install(Samples.entries(3, Samples.keys()))
      try await rotator.whileLinked(node) {
        _ = try await rotator.report()
        let answer = await rotator.service.prove(
          [1, 2, 3], for: try Samples.mail, of: try Samples.account, on: node.configuration.node, isTrial: false,
          timeout: .seconds(10))
        let fault = #expect(throws: OperatorFault.self) { try answer.outcome.get() }
        // A node that is silent would give `.unavailable`.
        #expect(fault?.kind == .data)
      }
    }
  }

  @Test("The agent's clock is measured")
  func clock() async throws {
    try await withRotator { rotator in
      let node = try rotator.node(from: authority)
      try await rotator.whileLinked(node) {
        let offset = try await rotator.first { if case .clockMeasured(_, let offset) = $0 { offset } else { nil } }
        #expect(abs(offset) < 60)
      }
    }
  }

  @Test("A rotator that does not know the node refuses it, and says so")
  func unknownNode() async throws {
    try await withRotator { rotator in
      var node = try rotator.node(from: authority, name: "cas-9.lab.example")
      node.configuration.node = try NodeName("cas-9.lab.example")
      guard case .refused(let fault) = try await rotator.dial(node) else {
        Issue.record("not refused")
        return
      }
      #expect(fault.kind.exitCode == 77)
      #expect(fault.problem.contains("cas-9.lab.example"))
    }
  }

  @Test("A whole agent that the rotator refuses stays up, keeps its keytabs and tries again")
  func refusedAgent() async throws {
    try await withRotator { rotator in
      var unknown = try rotator.node(from: authority, name: "cas-9.lab.example")
      unknown.configuration.node = try NodeName("cas-9.lab.example")
      try await whileRunning(unknown) {
        for _ in 0..<2 {
          let name = try await rotator.first { if case .refused(let name, _) = $0 { name } else { nil } }
          #expect(name == "cas-9.lab.example")
        }
      }
    }
  }

  @Test("A whole agent whose keytab has foreign principals attaches and reports them")
  func unfitAgent() async throws {
    try await withRotator { rotator in
      let unfit = try rotator.node(from: authority)
      try unfit.install([Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
      try await whileRunning(unfit) {
        let report = try await rotator.report()
        #expect(report.keytabs.first?.fault?.contains("host/cas-1.lab.example") == true)
      }
    }
  }

  @Test("A whole agent whose certificate or keytab is unusable does not start, with exit code 78")
  func unusable() async throws {
    let expired = try TestNode()
    try expired.equip(from: authority, until: Date() - 10)
    #expect(await exitCode(of: expired) == 78)
    var foreign = try TestNode()
    try foreign.equip(from: authority)
    foreign.configuration.keytabs[0].servicePrincipalNames = [try Samples.mail]
    try foreign.install([Samples.entry("host/cas-1.lab.example", 1, Samples.keys().keys[0])])
    #expect(await exitCode(of: foreign) == 78)
  }

  private func exitCode(of node: TestNode) async -> Int32 {
    do throws(OperatorFault) {
      try await AgentDaemon(
        node.configuration, logger: TestNode.quietLogger, notifier: ServiceNotifier(),
        consumers: SystemConsumers(environment: [])
      ).run()
      return 0
    } catch {
      return error.kind.exitCode
    }
  }

  /// Runs a whole agent while `body` runs; the agent's own end is an error.
  private func whileRunning(_ node: TestNode, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let code = await exitCode(of: node)
        if !Task.isCancelled { throw OperatorFault(.software, "the agent", "ended with exit code \(code)") }
      }
      try await body()
      group.cancelAll()
    }
  }

  @Test("A second installation under one name is told of the first, with exit code 75")
  func secondInstallation() async throws {
    try await withRotator { rotator in
      let first = try rotator.node(from: authority)
      let second = try rotator.node(from: authority)
      try await rotator.whileLinked(first) {
        _ = try await rotator.report()
        guard case .refused(let fault) = try await rotator.dial(second) else {
          Issue.record("not refused")
          return
        }
        #expect(fault.kind.exitCode == 75)
      }
    }
  }

  @Test("A rotator of another name is not served, and both names are said")
  func otherRotatorName() async throws {
    try await withRotator { rotator in
      var node = try rotator.node(from: authority)
      node.configuration.rotators[0].name = "other.lab.example"
      guard case .lost(let fault) = try await rotator.dial(node) else {
        Issue.record("not lost")
        return
      }
      #expect(fault.subject == "rotator other.lab.example")
      #expect(fault.problem.contains("rotator.lab.example"))
    }
  }

  @Test("A node certificate at the rotator's end is refused for lack of serverAuth")
  func nodeCertificateAsServer() async throws {
    // The service checks its own certificate; so a node certificate can only be met by way of a plain TLS server.
    let node = try TestNode()
    try node.equip(from: authority)
    let server = try PlainTLSServer(
      certificate: try authority.issue(["rotator.lab.example"], for: [.clientAuth]), in: node.directory)
    defer { server.stop() }
    let end = try await Rotator.dial(node, port: server.port)
    guard case .lost(let fault) = end else {
      Issue.record("not lost")
      return
    }
    #expect(fault.problem.contains("serverAuth"))
  }

  @Test("A certificate that the rotator does not trust is named, with the rotator")
  func foreignCertificate() async throws {
    try await withRotator { rotator in
      // The node trusts both authorities, the rotator only its own.
      let other = try TestAuthority("Other CA")
      let node = try rotator.node(from: other)
      try node.directory.write("ca.pem", try other.pem + "\n" + authority.pem)
      guard case .lost(let fault) = try await rotator.dial(node) else {
        Issue.record("not lost")
        return
      }
      #expect(fault.subject == "certificate \(node.configuration.certificate)")
      #expect(fault.problem.contains("rotator.lab.example"))
    }
  }

  @Test("A rotator that is not there is unreachable")
  func nobodyListens() async throws {
    let node = try TestNode()
    try node.equip(from: authority)
    guard case .lost(let fault) = try await Rotator.dial(node, port: 1) else {
      Issue.record("not lost")
      return
    }
    #expect(fault.kind == .unavailable)
  }

  @Test("An own certificate that has expired is found before anything is dialled")
  func expiredMeanwhile() async throws {
    let node = try TestNode()
    try node.equip(from: authority, until: Date() - 10)
    guard case .lost(let fault) = try await Rotator.dial(node, port: 1) else {
      Issue.record("not lost")
      return
    }
    #expect(fault.problem.contains("expired"))
  }

  private func withRotator(_ body: (Rotator) async throws -> Void) async throws {
    try await Rotator.run(authority: authority, body)
  }
}
