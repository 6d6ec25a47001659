import ActiveDirectory
import Foundation
import Testing

@Suite("Security descriptors")
struct SecurityDescriptorTests {
  typealias Bytes = DescriptorBytes
  static let whole = Bytes.descriptor(
    Bytes.ace(5, mask: 0x100, objectType: Bytes.resetPassword, to: Bytes.rotator), Bytes.ace(1, mask: 0x20, to: .everyone))

  @Test("The owner and every entry are read")
  func wholeDescriptor() throws {
    let descriptor = try SecurityDescriptor(bytes: Self.whole)
    #expect(descriptor.owner == Bytes.other)
    let entries = try #require(descriptor.entries)
    #expect(entries.map(\.effect) == [.allow, .deny])
    #expect(entries.map(\.mask) == [0x100, 0x20])
    #expect(entries.map(\.trustee) == [Bytes.rotator, .everyone])
    #expect(entries[0].objectType == UUID(uuidString: "00299570-246D-11D0-A768-00AA006E0529"))
    #expect(entries[1].objectType == nil)
  }

  @Test("A descriptor cut short anywhere is refused", arguments: 0..<SecurityDescriptorTests.whole.count)
  func truncated(length: Int) {
    #expect(throws: MalformedStructure.self) { try SecurityDescriptor(bytes: Array(Self.whole.prefix(length))) }
  }

  @Test(
    "A length or offset that leads outside is refused",
    arguments: [(4, 0xFF), (16, 0xFF), (50, 0xFF), (50, 4), (58, 3), (58, 0xFF), (85, 200), (48, 9), (0, 2), (3, 0)])
  func lyingFields(offset: Int, value: UInt8) {
    var bytes = Self.whole
    bytes[offset] = value
    #expect(throws: MalformedStructure.self) { try SecurityDescriptor(bytes: bytes) }
  }

  @Test("A SID round-trips through its binary form and prints as S-1-...")
  func identifierText() throws {
    let identifier = try SecurityIdentifier(bytes: Bytes.sid(Bytes.rotator))
    #expect(identifier == Bytes.rotator)
    #expect(identifier.description == "S-1-5-21-1-2-3-1105")
  }

  @Test(
    "A SID of another revision, with too many parts or stray bytes is refused",
    arguments: [[2, 0, 0, 0, 0, 0, 0, 5], [1, 16, 0, 0, 0, 0, 0, 5], [1, 0, 0, 0, 0, 0, 0, 5, 0], []] as [[UInt8]])
  func badIdentifiers(bytes: [UInt8]) {
    #expect(throws: MalformedStructure.self) { try SecurityIdentifier(bytes: bytes) }
  }

  @Test("A GUID has its first three fields little-endian")
  func identifierBytes() {
    let expected = UUID(uuidString: "00299570-246D-11D0-A768-00AA006E0529")
    #expect(UUID(directoryBytes: Bytes.resetPassword) == expected)
    #expect(UUID(directoryBytes: Bytes.resetPassword.dropLast()) == nil)
  }
}
