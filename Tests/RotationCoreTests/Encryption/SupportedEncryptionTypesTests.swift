import RotationCore
import Testing

@Suite("msDS-SupportedEncryptionTypes")
struct SupportedEncryptionTypesTests {
  @Test(
    "What the value permits, and an attribute that says nothing permits what the domain's default may be",
    arguments: [
      (nil, [.aes256, .aes128, .rc4]), (0, [.aes256, .aes128, .rc4]), (4, [.rc4]), (24, [.aes256, .aes128]),
      (28, [.aes256, .aes128, .rc4]), (8, [.aes128]), (3, []), (0x80000, [.aes256, .aes128, .rc4]),
    ] as [(UInt32?, [EncryptionType])])
  func permitted(bits: UInt32?, types: [EncryptionType]) {
    #expect(SupportedEncryptionTypes(bits).permitted == types)
  }

  @Test(
    "Only a value that names AES and no other type is confined to AES, whatever flags it has", arguments: [8, 16, 24, 0x80018])
  func confined(bits: UInt32) {
    #expect(SupportedEncryptionTypes(bits).isConfined(to: EncryptionType.standard))
  }

  @Test("One that names RC4 or DES, or nothing, is not", arguments: [nil, 0, 4, 28, 31, 0x80000] as [UInt32?])
  func notConfined(bits: UInt32?) {
    #expect(!SupportedEncryptionTypes(bits).isConfined(to: EncryptionType.standard))
  }

  @Test(
    "Confining takes the other types out and leaves the account's flags",
    arguments: [(nil, 24), (31, 24), (0x80024, 0x80038)] as [(UInt32?, UInt32)])
  func confining(bits: UInt32?, result: UInt32) {
    #expect(SupportedEncryptionTypes(bits).confined(to: EncryptionType.standard) == result)
  }

  @Test("RC4 is known by both of its names, and is the weakest")
  func names() {
    #expect(EncryptionType(name: "rc4-hmac") == .rc4 && EncryptionType(name: "arcfour-hmac") == .rc4)
    #expect(EncryptionType.allCases.sorted() == [.rc4, .aes128, .aes256])
  }
}
