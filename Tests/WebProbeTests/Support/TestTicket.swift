import RotationCore
import WebProbe

/// A ticket whose token says what it is bound to, and whose proof is one word.
struct TestTicket: NegotiationTicket {
  static let proof = Array("the key is mine".utf8)

  let version = KeyVersion(5)
  let encryptionType: Int32 = 18

  func begin(channelBinding: [UInt8]?) async throws(OperatorFault) -> any Negotiation {
    TestNegotiation(token: Array("ticket".utf8) + (channelBinding ?? []))
  }
}

private struct TestNegotiation: Negotiation {
  let token: [UInt8]

  func verdict(on reply: [UInt8]) async -> NegotiationVerdict {
    reply == TestTicket.proof ? .proven : .unproven("that is no proof")
  }
}
