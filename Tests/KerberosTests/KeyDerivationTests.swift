import Kerberos
import RotationCore
import SecretMemory
import Testing

@Suite("String-to-key")
struct KeyDerivationTests {
  // libkrb5 refuses RFC 3962's own test vectors, whose iteration counts are below 4096. These were computed with PBKDF2 and AES of other
  // libraries, by a program that does give the RFC's.
  @Test(
    "With Active Directory's 4096 iterations, computer and user salts give the known keys",
    arguments: [
      (
        "LAB.EXAMPLEhostexch2016asa.lab.example", "5858ef5f9b7cd799d1e4222f6e95f042",
        "59bc56224bbac1e14a05ae23d010a9c7d04ab921a30ad59ebf4ed1457e9f879e"
      ),
      (
        "LAB.EXAMPLEsvcweb", "a19932636df746105e6c15c7f85a52dc",
        "dc2ba15df2aa4fb7b5fe75d5a29d35fb172de52bc3d78868e8e74961ca393def"
      ),
    ])
  func activeDirectorySalts(salt: String, aes128: String, aes256: String) async throws {
    let keys = try await anyClient().deriveKeys(
      from: SecretBytes(text: "Known-Good.Passw0rd!"), salt: salt, encryptionTypes: [.aes128, .aes256])
    #expect(keys.keys.map(\.bytes.hex) == [aes256, aes128])
    #expect(keys.salt == salt)
  }

  @Test("The RC4 key is the NT hash, whatever the salt", arguments: ["", "LAB.EXAMPLEsvcweb"])
  func rc4(salt: String) async throws {
    let keys = try await anyClient().deriveKeys(
      from: SecretBytes(text: "password"), salt: salt, encryptionTypes: [.rc4])
    #expect(keys.keys.map(\.bytes.hex) == ["8846f7eaee8fb117ad06bdd830b7586c"])
    #expect(keys.keys.map(\.encryptionType) == [23])
  }

  @Test("An encryption type asked for twice gives one key")
  func repeatedType() async throws {
    let keys = try await anyClient().deriveKeys(
      from: SecretBytes(text: "x"), salt: "s", encryptionTypes: [.aes128, .aes128])
    #expect(keys.keys.map(\.encryptionType) == [17])
  }

  private func anyClient() throws -> KerberosClient {
    try KerberosClient(
      realm: Realm("LAB.EXAMPLE"), kdc: "127.0.0.1", principal: "nobody", keytab: "/nonexistent", timeout: .seconds(1))
  }
}
