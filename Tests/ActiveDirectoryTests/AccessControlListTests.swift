import ActiveDirectory
import Foundation
import Testing

@Suite("Editing a DACL")
struct AccessControlListTests {
  typealias Bytes = DescriptorBytes
  static let stamp = UUID()
  static let stampRight = AccessCheck.Right.writeProperty(stamp, propertySet: nil)

  // A callback entry with application data behind its SID, and one of a type that no document knows.
  static let callback = [9, 0, 36, 0] + [UInt8](repeating: 0xC5, count: 32)
  static let unknown: [UInt8] = [0x7F, 0, 8, 0, 1, 2, 3, 4]
  static let deny = Bytes.ace(1, mask: 0x100, to: Bytes.other)
  static let allow = Bytes.ace(0, mask: 0x20, to: Bytes.other)
  static let inheritedDeny = Bytes.ace(1, flags: 0x10, mask: 0x1, to: .everyone)
  static let inheritedAllow = Bytes.ace(0, flags: 0x12, mask: 0xF01FF, to: .everyone)

  /// The entry that grants Reset Password to the rotator.
  static let reset = Bytes.ace(5, mask: 0x100, objectType: Bytes.resetPassword, to: Bytes.rotator)
  /// The one that grants write on the stamp attribute.
  static let write = Bytes.ace(5, mask: 0x20, objectType: AccessCheckTests.guidBytes(stamp), to: Bytes.rotator)

  /// The bytes of the entries of a descriptor that has a DACL and nothing else.
  private func entries(_ descriptor: [UInt8]) -> [UInt8] { Array(descriptor.dropFirst(28)) }

  private func list(_ entries: [UInt8]...) throws -> AccessControlList {
    let owner = Bytes.sid(Bytes.other)
    let body = entries.flatMap { $0 }
    let dacl = [2, 0] + Bytes.little(UInt16(8 + body.count)) + Bytes.little(UInt16(entries.count)) + [0, 0] + body
    let header = [1, 0] + Bytes.little(UInt16(0x9404)) + Bytes.little(UInt32(20)) + [UInt8](repeating: 0, count: 8)
    return try AccessControlList(descriptor: header + Bytes.little(UInt32(20 + owner.count)) + owner + dacl)
  }

  @Test("New entries stand behind the explicit ones and before the inherited ones, in the order in which they were made")
  func canonicalOrder() throws {
    var list = try list(Self.deny, Self.allow, Self.inheritedDeny, Self.inheritedAllow)
    list.allow(.resetPassword, to: Bytes.rotator)
    list.allow(Self.stampRight, to: Bytes.rotator)
    let expected = Self.deny + Self.allow + Self.reset + Self.write + Self.inheritedDeny + Self.inheritedAllow
    #expect(try entries(list.descriptor()) == expected)
  }

  @Test("All other entries stay byte for byte, also of kinds that are not known")
  func preserves() throws {
    var list = try list(Self.unknown, Self.callback, Self.inheritedAllow)
    list.allow(.resetPassword, to: Bytes.rotator)
    #expect(try entries(list.descriptor()) == Self.unknown + Self.callback + Self.reset + Self.inheritedAllow)
    list.remove(.resetPassword, from: Bytes.rotator)
    #expect(try entries(list.descriptor()) == Self.unknown + Self.callback + Self.inheritedAllow)
  }

  @Test(
    "What is written is a descriptor of the DACL alone, with the control flags that concern it, and of the revision that object entries need"
  )
  func descriptorForm() throws {
    var list = try list(Self.allow)
    list.allow(.resetPassword, to: Bytes.rotator)
    let bytes = try list.descriptor()
    #expect(Array(bytes[0..<4]) == [1, 0] + Bytes.little(UInt16(0x9404)))
    #expect(bytes[4..<16].allSatisfy { $0 == 0 })
    #expect(Array(bytes[16..<20]) == Bytes.little(UInt32(20)) && bytes[20] == 4)
    #expect(Array(bytes[22..<26]) == Bytes.little(UInt16(8 + Self.allow.count + Self.reset.count)) + Bytes.little(UInt16(2)))
    let read = try SecurityDescriptor(bytes: bytes)
    #expect(read.owner == nil && read.entries?.count == 2)
  }

  @Test("What was granted is granted when it is read back")
  func grants() throws {
    var list = try list(Self.inheritedAllow)
    list.allow(Self.stampRight, to: Bytes.rotator)
    let check = AccessCheck(
      descriptor: try SecurityDescriptor(bytes: list.descriptor()), token: [Bytes.rotator], objectIdentifier: Bytes.account)
    #expect(check.grants(Self.stampRight))
  }

  @Test("Only an explicit entry for this trustee and this right alone is taken out; one that also reads the attribute is")
  func removal() throws {
    let readAndWrite = Bytes.ace(5, mask: 0x30, objectType: AccessCheckTests.guidBytes(Self.stamp), to: Bytes.rotator)
    let inherited = Bytes.ace(5, flags: 0x10, mask: 0x20, objectType: AccessCheckTests.guidBytes(Self.stamp), to: Bytes.rotator)
    let wide = Bytes.ace(0, mask: 0xF01FF, to: Bytes.rotator)
    let another = Bytes.ace(5, mask: 0x20, objectType: AccessCheckTests.guidBytes(Self.stamp), to: Bytes.other)
    let refusal = Bytes.ace(6, mask: 0x20, objectType: AccessCheckTests.guidBytes(Self.stamp), to: Bytes.rotator)
    var list = try list(refusal, wide, Self.write, readAndWrite, another, inherited)
    list.remove(Self.stampRight, from: Bytes.rotator)
    #expect(try entries(list.descriptor()) == refusal + wide + another + inherited)
  }

  @Test("An object without a DACL is not edited, and a DACL that would be too long is not written")
  func limits() throws {
    var without = Bytes.descriptor()
    without[2] = 0
    #expect(throws: MalformedStructure.self) { try AccessControlList(descriptor: without) }
    var full = try list(Self.allow)
    for _ in 0..<1200 { full.allow(.resetPassword, to: Bytes.rotator) }
    #expect(throws: MalformedStructure.self) { try full.descriptor() }
  }
}
