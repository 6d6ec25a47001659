import ActiveDirectory
import Foundation
import Testing

@Suite("Access checks")
struct AccessCheckTests {
  typealias Bytes = DescriptorBytes
  static let stamp = UUID()
  static let propertySet = UUID()

  static func guidBytes(_ identifier: UUID) -> [UInt8] {
    let b = withUnsafeBytes(of: identifier.uuid) { Array($0) }
    return [b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]] + b[8...]
  }

  func grants(
    _ descriptor: [UInt8], _ right: AccessCheck.Right = .resetPassword, token: Set<SecurityIdentifier> = [Bytes.rotator]
  ) throws -> Bool {
    AccessCheck(descriptor: try SecurityDescriptor(bytes: descriptor), token: token, objectIdentifier: Bytes.account)
      .grants(right)
  }

  @Test("An object ACE with the right's GUID grants Reset Password")
  func objectAceGrants() throws {
    #expect(try grants(Bytes.descriptor(Bytes.ace(5, mask: 0x100, objectType: Bytes.resetPassword, to: Bytes.rotator))))
  }

  @Test("An object ACE with another right's GUID does not grant Reset Password")
  func otherRightDoesNotGrant() throws {
    let other = Self.guidBytes(UUID())
    #expect(try !grants(Bytes.descriptor(Bytes.ace(5, mask: 0x100, objectType: other, to: Bytes.rotator))))
  }

  @Test(
    "Full control, all extended rights and GENERIC_ALL grant Reset Password",
    arguments: [0x000F_01FF, 0x100, 0x1000_0000] as [UInt32])
  func wideMasksGrant(mask: UInt32) throws {
    #expect(try grants(Bytes.descriptor(Bytes.ace(0, mask: mask, to: Bytes.rotator))))
  }

  @Test("An object ACE without an object type grants every extended right")
  func objectAceWithoutTypeGrants() throws {
    #expect(try grants(Bytes.descriptor(Bytes.ace(5, mask: 0x100, to: Bytes.rotator))))
  }

  @Test("Rights that do not include control access grant nothing", arguments: [0x20, 0x10, 0x4000_0000] as [UInt32])
  func narrowMasksDoNotGrant(mask: UInt32) throws {
    #expect(try !grants(Bytes.descriptor(Bytes.ace(0, mask: mask, to: Bytes.rotator))))
  }

  @Test("A deny before an allow decides")
  func denyFirst() throws {
    let deny = Bytes.ace(1, mask: 0x100, to: .everyone)
    let allow = Bytes.ace(0, mask: 0x100, to: Bytes.rotator)
    #expect(try !grants(Bytes.descriptor(deny, allow)))
    #expect(try grants(Bytes.descriptor(allow, deny)))
  }

  @Test("A deny of one extended right leaves the others")
  func denyOfAnotherRight() throws {
    let deny = Bytes.ace(6, mask: 0x100, objectType: Self.guidBytes(UUID()), to: Bytes.rotator)
    #expect(try grants(Bytes.descriptor(deny, Bytes.ace(0, mask: 0x100, to: Bytes.rotator))))
  }

  @Test("An inherit-only entry neither grants nor denies")
  func inheritOnly() throws {
    let allow = Bytes.ace(0, mask: 0x100, to: Bytes.rotator)
    #expect(try !grants(Bytes.descriptor(Bytes.ace(0, flags: 0x0A, mask: 0x100, to: Bytes.rotator))))
    #expect(try grants(Bytes.descriptor(Bytes.ace(1, flags: 0x0A, mask: 0x100, to: Bytes.rotator), allow)))
  }

  @Test("Everyone and Authenticated Users include a caller whose token does not list them")
  func wellKnownGroups() throws {
    for group in [SecurityIdentifier.everyone, .authenticatedUsers] {
      #expect(try grants(Bytes.descriptor(Bytes.ace(0, mask: 0x100, to: group))))
    }
  }

  @Test("SELF is the account itself and nobody else")
  func principalSelf() throws {
    let descriptor = Bytes.descriptor(Bytes.ace(0, mask: 0x100, to: .principalSelf))
    #expect(try !grants(descriptor))
    #expect(try grants(descriptor, token: [Bytes.account]))
  }

  @Test("Owning the object grants neither right")
  func ownerHasNoImplicitRight() throws {
    let descriptor = Bytes.descriptor(owner: Bytes.rotator, Bytes.ace(0, mask: 0x100, to: Bytes.other))
    #expect(try !grants(descriptor))
    #expect(try !grants(descriptor, .writeProperty(Self.stamp, propertySet: nil)))
  }

  @Test("OWNER RIGHTS concerns the owner")
  func ownerRights() throws {
    let entry = Bytes.ace(0, mask: 0x100, to: .ownerRights)
    #expect(try grants(Bytes.descriptor(owner: Bytes.rotator, entry)))
    #expect(try !grants(Bytes.descriptor(owner: Bytes.other, entry)))
  }

  @Test("Write on the attribute, on its property set or on everything grants the stamp write")
  func stampWrite() throws {
    let right = AccessCheck.Right.writeProperty(Self.stamp, propertySet: Self.propertySet)
    for objectType in [Self.guidBytes(Self.stamp), Self.guidBytes(Self.propertySet), nil] {
      #expect(try grants(Bytes.descriptor(Bytes.ace(5, mask: 0x20, objectType: objectType, to: Bytes.rotator)), right))
    }
    let other = Bytes.ace(5, mask: 0x20, objectType: Self.guidBytes(UUID()), to: Bytes.rotator)
    #expect(try !grants(Bytes.descriptor(other), right))
    #expect(try grants(Bytes.descriptor(Bytes.ace(0, mask: 0x4000_0000, to: Bytes.rotator)), right))
  }

  @Test("An empty DACL grants nothing, and no DACL grants everything")
  func emptyAndMissing() throws {
    #expect(try !grants(Bytes.descriptor()))
    var descriptor = Bytes.descriptor()
    descriptor[2] = 0
    #expect(try grants(descriptor))
  }

  @Test("A conditional allow is passed over and a conditional deny denies")
  func conditionalEntries() throws {
    #expect(try !grants(Bytes.descriptor(Bytes.ace(9, mask: 0x100, to: Bytes.rotator))))
    let deny: [UInt8] = {
      var entry = Bytes.ace(1, mask: 0x100, to: Bytes.rotator)
      entry[0] = 0x0A
      return entry
    }()
    #expect(try !grants(Bytes.descriptor(deny, Bytes.ace(0, mask: 0x100, to: Bytes.rotator))))
  }
}
