import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("Values in files")
struct CodingTests {
  private func reread<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  @Test("A digest of an order and a realm are read back as they were written, as plain text")
  func plainText() throws {
    let digest = OrderDigest(of: try Samples.order(rotation: .make(), slots: []))
    #expect(try reread(digest) == digest)
    #expect(try reread(Realm("LAB.EXAMPLE")) == Realm("LAB.EXAMPLE"))
    #expect(String(decoding: try JSONEncoder().encode(Realm("LAB.EXAMPLE")), as: UTF8.self) == #""LAB.EXAMPLE""#)
  }

  @Test("An id that cannot be one is refused and not taken over")
  func badIdentifier() {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(RotatorID.self, from: Data(#""not; an id""#.utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(RotationID.self, from: Data(#""not; an id""#.utf8)) }
  }

  @Test("An encryption type is known by the name that administrators write, and by no other")
  func encryptionTypes() {
    for type in EncryptionType.allCases { #expect(EncryptionType(name: type.name) == type) }
    #expect(EncryptionType(name: "des-cbc-crc") == nil)
    #expect(EncryptionType.allCases.sorted().map(\.rawValue) == [23, 17, 18])
  }

  @Test("A node tells everything of a slot but its keys")
  func slotReport() {
    let slot = AdoptionSamples.slot(7)
    let report = slot.report
    #expect(report.encryptionTypes == [18, 17])
    #expect((report.rotation, report.version, report.fingerprint) == (slot.rotation, slot.version, slot.fingerprint))
    #expect((report.position, report.setAt, report.isProven) == (slot.position, slot.setAt, slot.isProven))
  }
}
