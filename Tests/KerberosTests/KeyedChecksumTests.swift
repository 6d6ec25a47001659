import Kerberos
import RotationCore
import SecretMemory
import Testing

@Suite("Keyed checksums")
struct KeyedChecksumTests {
  private let message: [UInt8] = Array("nonce, node, rotation, fingerprint".utf8)

  @Test("A checksum verifies under the key that made it", arguments: EncryptionType.allCases)
  func roundTrip(type: EncryptionType) throws {
    let key = KeytabEntry.sample(type: type).key
    let checksum = try KeyedChecksum.make(with: key, over: message)
    #expect(checksum.count == (type == .rc4 ? 16 : 12))
    #expect(KeyedChecksum.verify(checksum, over: message, with: key))
  }

  @Test("Any one bit of the checksum, the message or the key decides", arguments: EncryptionType.allCases)
  func tampering(type: EncryptionType) throws {
    let key = KeytabEntry.sample(type: type).key
    let checksum = try KeyedChecksum.make(with: key, over: message)
    for index in checksum.indices {
      var forged = checksum
      forged[index] ^= 1
      #expect(!KeyedChecksum.verify(forged, over: message, with: key))
    }
    var otherMessage = message
    otherMessage[0] ^= 1
    #expect(!KeyedChecksum.verify(checksum, over: otherMessage, with: key))
    #expect(!KeyedChecksum.verify(checksum, over: message, with: KeytabEntry.sample(type: type, fill: 0x5b).key))
  }

  @Test("A checksum of another length never verifies", arguments: [0, 1, 11, 13, 4096])
  func wrongLength(length: Int) throws {
    let key = KeytabEntry.sample().key
    let checksum = try KeyedChecksum.make(with: key, over: message)
    let stretched = Array((checksum + [UInt8](repeating: 0, count: 4096)).prefix(length))
    #expect(!KeyedChecksum.verify(stretched, over: message, with: key))
  }

  @Test("A key that is too short for its encryption type is refused")
  func unfitKey() {
    let key = AccountKey(encryptionType: 18, bytes: SecretBytes(text: "short"))
    #expect { try KeyedChecksum.make(with: key, over: message) } throws: { ($0 as? OperatorFault)?.kind == .data }
    #expect(!KeyedChecksum.verify([UInt8](repeating: 0, count: 12), over: message, with: key))
  }
}
