import ActiveDirectory
import Foundation
import Testing

@Suite("Rights that a rotator does not need")
struct ExcessRightTests {
  typealias Bytes = DescriptorBytes
  static let stamp = AccessCheck.Right.writeProperty(UUID(), propertySet: nil)
  static let names = UUID()
  static let group = SecurityIdentifier(authority: 5, subAuthorities: [32, 548])

  private func excess(_ entries: [UInt8]...) throws -> [AccessCheck.Excess] {
    let body = entries.flatMap { $0 }
    let dacl = [4, 0] + Bytes.little(UInt16(8 + body.count)) + Bytes.little(UInt16(entries.count)) + [0, 0] + body
    let header = [1, 0] + Bytes.little(UInt16(0x8004)) + [UInt8](repeating: 0, count: 12) + Bytes.little(UInt32(20))
    let check = AccessCheck(
      descriptor: try SecurityDescriptor(bytes: header + dacl), token: [Bytes.rotator, Self.group],
      objectIdentifier: Bytes.account)
    return check.excess(beyond: [.resetPassword, .writeEncryptionTypes, Self.stamp])
  }

  private func typed(_ type: UInt8 = 5, mask: UInt32, _ name: UUID, to trustee: SecurityIdentifier = Bytes.rotator) -> [UInt8] {
    Bytes.ace(type, mask: mask, objectType: AccessCheckTests.guidBytes(name), to: trustee)
  }

  @Test("What is needed, what only reads, and what everybody may do is no excess")
  func needed() throws {
    let changePassword = try #require(UUID(uuidString: "ab721a53-1e2f-11d0-9819-00aa0040529b"))
    let reset = Bytes.ace(5, mask: 0x100, objectType: Bytes.resetPassword, to: Bytes.rotator)
    let reading = Bytes.ace(0, mask: 0x2_0094, to: .authenticatedUsers)
    #expect(try excess(reset, reading, typed(mask: 0x100, changePassword, to: .everyone)).isEmpty)
    guard case .writeProperty(let attribute, _) = Self.stamp else { return }
    #expect(try excess(typed(mask: 0x30, attribute)).isEmpty)
  }

  @Test("What comes from a container above is excess, also if it is needed on this object: it is on every other there")
  func inherited() throws {
    let above = Bytes.ace(5, flags: 0x10, mask: 0x100, objectType: Bytes.resetPassword, to: Bytes.rotator)
    #expect(try excess(above).map(\.isInherited) == [true])
  }

  @Test("Write on another attribute, full control, and rights through a group are, each with its trustee")
  func excessive() throws {
    let other = try excess(typed(mask: 0x20, Self.names))
    #expect(other.map(\.objectType) == [Self.names] && other.map(\.mask) == [0x20])
    let full = try excess(Bytes.ace(0, flags: 0x10, mask: 0xF01FF, to: Self.group))
    #expect(full.map(\.trustee) == [Self.group] && full.map(\.isInherited) == [true] && full[0].mask == 0xD016B)
  }

  @Test("What an earlier entry refuses, what is for children only, and what is somebody else's is left out")
  func refused() throws {
    let allow = typed(mask: 0x20, Self.names)
    #expect(try excess(typed(6, mask: 0x20, Self.names), allow).isEmpty)
    #expect(try excess(Bytes.ace(1, mask: 0x20, to: Self.group), allow).isEmpty)
    #expect(try excess(allow, typed(6, mask: 0x20, Self.names)).count == 1)
    #expect(try excess(Bytes.ace(0, flags: 0x0A, mask: 0xF01FF, to: Bytes.rotator)).isEmpty)
    #expect(try excess(Bytes.ace(0, mask: 0xF01FF, to: Bytes.other)).isEmpty)
  }
}
