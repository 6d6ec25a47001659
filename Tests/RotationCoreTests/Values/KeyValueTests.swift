import Foundation
import RotationCore
import SecretMemory
import Testing

@Suite("Keys: salts, fingerprints, versions")
struct KeyValueTests {
  @Test(
    "The salt of the next set follows from the account's present attributes (MS-KILE 3.1.1.2)",
    arguments: [
      SaltCase(.computer, "WEB1$", nil, "LAB.EXAMPLEhostweb1.lab.example"),
      SaltCase(.computer, "MixCase$", nil, "LAB.EXAMPLEhostmixcase.lab.example"),
      SaltCase(.computer, "NODOLLAR", nil, "LAB.EXAMPLEhostnodollar.lab.example"),
      SaltCase(.computer, "WEB1$", "web1@lab.example", "LAB.EXAMPLEhostweb1.lab.example"),
      SaltCase(.user, "svcA", nil, "LAB.EXAMPLEsvcA"),
      SaltCase(.user, "svcA", "HTTP/usersvc.lab.example@LAB.EXAMPLE", "LAB.EXAMPLEHTTPusersvc.lab.example"),
      SaltCase(.user, "svcA", "Mail.Svc@other.example", "LAB.EXAMPLEMail.Svc"),
    ])
  func salt(of testCase: SaltCase) {
    #expect(KeySalt.forNextSet(of: testCase.account, realm: Realm("lab.example")) == testCase.salt)
  }

  @Test("A fingerprint depends on every key, every type and the secret, and not on the order given")
  func fingerprint() {
    let secret = Fixture.secret("store secret")
    let strong = AccountKey(encryptionType: 18, bytes: Fixture.secret("0123456789abcdef0123456789abcdef"))
    let weak = AccountKey(encryptionType: 17, bytes: Fixture.secret("0123456789abcdef"))
    let whole = KeyFingerprint(of: AccountKeys(keys: [strong, weak], salt: "s"), under: secret)
    #expect(KeyFingerprint(of: AccountKeys(keys: [weak, strong], salt: "t"), under: secret) == whole)
    #expect(KeyFingerprint(of: AccountKeys(keys: [strong], salt: "s"), under: secret) != whole)
    #expect(KeyFingerprint(of: AccountKeys(keys: [strong, weak], salt: "s"), under: Fixture.secret("other")) != whole)
    let renumbered = AccountKey(encryptionType: 23, bytes: weak.bytes)
    #expect(KeyFingerprint(of: AccountKeys(keys: [strong, renumbered], salt: "s"), under: secret) != whole)
    #expect(KeyFingerprint(whole.description) == whole)
  }

  @Test(
    "A reported fingerprint is 32 lower-case hexadecimal digits",
    arguments: ["", "00112233445566778899AABBCCDDEEFF", "0011", "g0112233445566778899aabbccddeeff"])
  func malformedFingerprint(text: String) {
    #expect(KeyFingerprint(text) == nil)
  }

  @Test("Keys are kept strongest first")
  func keyOrder() {
    let keys = AccountKeys(
      keys: [17, 18].map { AccountKey(encryptionType: $0, bytes: Fixture.secret("k")) }, salt: nil)
    #expect(keys.keys.map(\.encryptionType) == [18, 17])
  }

  @Test("After a reboot only the seconds since then have certainly passed")
  func bootInstants() {
    let before = BootInstant(boot: "a", seconds: 1000)
    #expect(BootInstant(boot: "a", seconds: 1600).secondsCertainlyPassed(since: before) == 600)
    #expect(BootInstant(boot: "b", seconds: 50).secondsCertainlyPassed(since: before) == 50)
  }
}

/// One row of the salt table.
struct SaltCase: Sendable, CustomTestStringConvertible {
  var account: DirectoryAccount
  var salt: String

  init(_ kind: DirectoryAccount.Kind, _ name: String, _ principal: String?, _ salt: String) {
    self.salt = salt
    account = DirectoryAccount(
      objectGUID: UUID(), distinguishedName: "", samAccountName: name, kind: kind, userPrincipalName: principal,
      version: KeyVersion(1), isEnabled: true, supportedEncryptionTypes: nil, servicePrincipalNames: [], stamp: nil,
      passwordLastSet: nil, mayResetPassword: true, mayWriteStamp: true, conflictingHolders: [:],
      server: DirectoryServer(
        dnsHostName: "", serviceIdentity: "", invocationID: "", isPDCEmulator: true, clockOffset: 0,
        securityStrength: 256))
  }

  var testDescription: String { "\(account.kind) \(account.samAccountName) \(account.userPrincipalName ?? "")" }
}
