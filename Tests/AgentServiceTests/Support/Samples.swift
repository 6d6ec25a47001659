import Foundation
import RotationCore
import SecretMemory

/// Core values for tests.
enum Samples {
  static let rotation = RotationID.make()
  static let fingerprint = String(repeating: "0a", count: 16)

  static func key(_ type: Int32, length: Int = 32) -> AccountKey {
    AccountKey(encryptionType: type, bytes: .random(count: length))
  }

  static func slot(keys: [AccountKey]?) throws -> OrderedSlot {
    OrderedSlot(
      rotation: rotation, version: KeyVersion(7), position: .next, fingerprint: try fingerprintValue(),
      keys: keys.map { AccountKeys(keys: $0, salt: nil) }, setAt: Date(timeIntervalSince1970: 1_790_000_000.25),
      committedEpoch: Epoch(era: 1, number: 4), retireAfter: Date(timeIntervalSince1970: 1_790_036_000))
  }

  static func order(version: UInt64 = 3, keys: [AccountKey]? = [key(18), key(17, length: 16)]) throws -> SlotOrder {
    SlotOrder(
      account: try AccountName(TestService.account), realm: Realm("LAB.EXAMPLE"), epoch: Epoch(era: 1, number: 5),
      rotation: rotation, version: version, servicePrincipalNames: [try ServicePrincipalName("http/mail.lab.example")],
      slots: [try slot(keys: keys)], drop: [.make()], nonce: Array(1...16))
  }

  static func report(refusal: OrderRefusal? = nil) throws -> NodeReport {
    NodeReport(
      account: try AccountName(TestService.account), epoch: Epoch(era: 1, number: 5), version: 3, refusal: refusal,
      slots: [
        SlotReport(
          rotation: rotation, version: KeyVersion(7), position: .latest, fingerprint: try fingerprintValue(),
          encryptionTypes: [18, 17], setAt: Date(timeIntervalSince1970: 1_790_000_000), isProven: true, retireAfter: nil)
      ], checksums: [KeyChecksum(rotation: rotation, encryptionType: 18, bytes: Array(1...12))], nonce: Array(1...16),
      keytabs: [
        KeytabReport(path: "/etc/krb5.keytab", fault: nil), KeytabReport(path: "/etc/http.keytab", fault: "is not writable"),
      ],
      drift: [
        KeytabDrift(
          path: "/etc/http.keytab", kind: .permissions, problem: "its mode was 0666, not 0640",
          foundAt: Date(timeIntervalSince1970: 1_790_000_100))
      ])
  }

  static func fingerprintValue() throws -> KeyFingerprint {
    guard let value = KeyFingerprint(fingerprint) else { throw OperatorFault(.software, "test", "bad sample") }
    return value
  }
}
