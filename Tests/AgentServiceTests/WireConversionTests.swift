import AgentProtocol
import Foundation
import RotationCore
import SecretMemory
import SwiftProtobuf
import Testing

@Suite("Conversions between the wire and core types")
struct WireConversionTests {
  @Test("An order survives the wire, bytes and all")
  func orderRoundTrip() throws {
    let order = try Samples.order()
    let bytes: [UInt8] = try order.wire.serializedBytes()
    #expect(try SlotOrder(Asa_Agent_V1_SlotOrder(serializedBytes: bytes)) == order)
  }

  @Test("A slot without keys means keep, before and after the wire")
  func keepRoundTrip() throws {
    let order = try Samples.order(keys: nil)
    #expect(try SlotOrder(order.wire).slots.first?.keys == nil)
  }

  @Test("A report survives the wire, with and without a refusal", arguments: [false, true])
  func reportRoundTrip(isRefused: Bool) throws {
    let refusal = OrderRefusal(.keytab, "/etc/krb5.keytab holds host/", epoch: Epoch(era: 1, number: 5), version: 3)
    let report = try Samples.report(refusal: isRefused ? refusal : nil)
    let bytes: [UInt8] = try report.wire.serializedBytes()
    #expect(try NodeReport(Asa_Agent_V1_NodeReport(serializedBytes: bytes)) == report)
  }

  @Test("A welcome survives the wire")
  func welcomeRoundTrip() throws {
    let binding = AccountBinding(
      account: try AccountName(TestService.account), realm: Realm("LAB.EXAMPLE"),
      servicePrincipalNames: [try ServicePrincipalName("http/mail.lab.example")])
    let welcome = AttachWelcome(rotator: .make(), fingerprintSecret: .random(count: 32), accounts: [binding])
    #expect(try AttachWelcome(welcome.wire) == welcome)
  }

  @Test("A proof request survives the wire")
  func proofRequestRoundTrip() throws {
    let proof = AcceptanceProof(
      id: 9, account: try AccountName(TestService.account),
      servicePrincipalName: try ServicePrincipalName("http/mail.lab.example"), request: [1, 2, 3], isTrial: true)
    #expect(try AcceptanceProof(proof.wire) == proof)
  }

  @Test("An accepted ticket's answer survives the wire")
  func proofAnswerRoundTrip() throws {
    let answer = ProofAnswer(outcome: .success([4, 5]), rotation: Samples.rotation)
    #expect(try ProofAnswer(answer.wire(id: 1), from: NodeName(TestService.node)) == answer)
  }

  @Test("A refused ticket's answer names the node and carries its sentence")
  func proofFailure() throws {
    let answer = ProofAnswer(outcome: .failure(OperatorFault(.data, "keytab", "has no kvno 3")), rotation: nil)
    let read = try ProofAnswer(answer.wire(id: 1), from: NodeName(TestService.node))
    #expect(throws: OperatorFault(.data, "node \(TestService.node)", "keytab: has no kvno 3")) { try read.outcome.get() }
  }

  @Test("A sentence longer than a peer accepts is cut, not refused")
  func longSentence() throws {
    let refusal = OrderRefusal(.other, String(repeating: "é", count: 2000), epoch: .zero, version: 1)
    let read = try NodeReport(Samples.report(refusal: refusal).wire)
    #expect(read.refusal?.message.utf8.count == 1024)
  }

  @Test("A refusal reason from a newer agent is read as other")
  func unknownReason() throws {
    let refusal = OrderRefusal(.stale, "sentence", epoch: .zero, version: 1)
    var wire = try Samples.report(refusal: refusal).wire
    wire.refusal.reason = "inventedLater"
    #expect(try NodeReport(wire).refusal?.reason == .other)
  }

  @Test("The signed message is context, nonce, node and installation, with zero bytes between")
  func signatureLayout() throws {
    let message = AttachSignature.message(nonce: [1, 2], node: try NodeName("CAS-1.Lab.Example"), installation: "id")
    let expected = Array("asa.agent.v1 attach".utf8) + [0, 1, 2] + Array("cas-1.lab.example".utf8) + [0] + Array("id".utf8)
    #expect(message == expected)
  }
}

@Suite("Malformed messages")
struct MalformedMessageTests {
  /// One way to spoil an order, and the field that the fault must name.
  struct Spoiled: CustomTestStringConvertible, Sendable {
    let field: String
    let spoil: @Sendable (inout Asa_Agent_V1_SlotOrder) -> Void
    var testDescription: String { field }
  }

  static let orders: [Spoiled] = [
    Spoiled(field: "account") { $0.account = "no backslash" },
    Spoiled(field: "account") { $0.account = "LAB\\" + String(repeating: "a", count: 2000) },
    Spoiled(field: "realm") { $0.realm = "" },
    Spoiled(field: "epoch") { $0.clearEpoch() },
    Spoiled(field: "rotation") { $0.rotation = "UPPER" },
    Spoiled(field: "nonce") { $0.nonce = Data(count: 65) },
    Spoiled(field: "service_principal_names[1]") { $0.servicePrincipalNames.append("nohost") },
    Spoiled(field: "service_principal_names") { $0.servicePrincipalNames = Array(repeating: "http/a", count: 257) },
    Spoiled(field: "slots") { $0.slots = Array(repeating: $0.slots[0], count: 257) },
    Spoiled(field: "drop[0]") { $0.drop = [""] },
    Spoiled(field: "slots[0].rotation") { $0.slots[0].rotation = "" },
    Spoiled(field: "slots[0].position") { $0.slots[0].position = .unspecified },
    Spoiled(field: "slots[0].position") { $0.slots[0].position = .UNRECOGNIZED(9) },
    Spoiled(field: "slots[0].fingerprint") { $0.slots[0].fingerprint = "0a" },
    Spoiled(field: "slots[0].set_at") { $0.slots[0].clearSetAt() },
    Spoiled(field: "slots[0].set_at") { $0.slots[0].setAt.seconds = .max },
    Spoiled(field: "slots[0].retire_after") { $0.slots[0].retireAfter.nanos = -1 },
    Spoiled(field: "slots[0].keys") { $0.slots[0].keys = Array(repeating: $0.slots[0].keys[0], count: 9) },
    Spoiled(field: "slots[0].keys") { $0.slots[0].keys[1].encryptionType = $0.slots[0].keys[0].encryptionType },
    Spoiled(field: "slots[0].keys[0].key") { $0.slots[0].keys[0].key = Data(count: 65) },
    Spoiled(field: "slots[0].keys[0].key") { $0.slots[0].keys[0].key = Data() },
  ]

  @Test("An order is refused naming the malformed field", arguments: orders)
  func order(_ spoiled: Spoiled) throws {
    var wire = try Samples.order().wire
    spoiled.spoil(&wire)
    let fault = #expect(throws: OperatorFault.self) { try SlotOrder(wire) }
    #expect(fault?.kind == .protocol)
    #expect(fault?.subject == "slot order, field \(spoiled.field)")
  }

  @Test("A report with more checksums than the limit is refused")
  func checksums() throws {
    var wire = try Samples.report().wire
    wire.checksums = Array(repeating: wire.checksums[0], count: 257)
    let fault = #expect(throws: OperatorFault.self) { try NodeReport(wire) }
    #expect(fault?.subject == "node report, field checksums")
  }

  @Test("A report with more keytabs than the limit is refused")
  func keytabs() throws {
    var wire = try Samples.report().wire
    wire.keytabs = Array(repeating: wire.keytabs[0], count: 65)
    let fault = #expect(throws: OperatorFault.self) { try NodeReport(wire) }
    #expect(fault?.subject == "node report, field keytabs")
  }

  @Test("A welcome with a short fingerprint secret is refused")
  func fingerprintSecret() throws {
    var wire = AttachWelcome(rotator: .make(), fingerprintSecret: .random(count: 32), accounts: []).wire
    wire.fingerprintSecret.removeLast()
    #expect(throws: OperatorFault.self) { try AttachWelcome(wire) }
  }

  @Test("A proof result that is neither accepted nor refused is malformed")
  func proofResult() throws {
    let node = try NodeName(TestService.node)
    #expect(throws: OperatorFault.self) { try ProofAnswer(Asa_Agent_V1_ProofResult(), from: node) }
  }
}
