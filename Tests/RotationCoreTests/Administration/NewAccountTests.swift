import RotationCore
import SecretMemory
import Testing

@Suite("New accounts")
struct NewAccountTests {
  private func account(_ name: String, _ kind: DirectoryAccount.Kind = .computer) -> NewAccount {
    NewAccount(
      kind: kind, samAccountName: name, container: "OU=A,DC=lab,DC=example", description: nil, supportedEncryptionTypes: 24,
      password: SecretBytes(count: 0) { _ in })
  }

  @Test(
    "A CN is the name without a computer's $, and what RFC 4514 gives a meaning to is escaped",
    arguments: [
      ("ASA$", "CN=ASA,OU=A,DC=lab,DC=example"), ("A,B+C$", "CN=A\\,B\\+C,OU=A,DC=lab,DC=example"),
      ("#asa$", "CN=\\#asa,OU=A,DC=lab,DC=example"), (" asa $", "CN=\\ asa\\ ,OU=A,DC=lab,DC=example"),
    ])
  func distinguishedName(name: String, expected: String) {
    #expect(account(name).distinguishedName == expected)
  }

  @Test("A user keeps its whole name, and its password does not expire")
  func user() {
    let user = account("svc-web", .user)
    #expect(user.commonName == "svc-web" && user.control == [.normalAccount, .passwordDoesNotExpire])
    #expect(account("ASA$").control == .workstationTrust)
  }

  @Test("Flags are told in words, and unknown ones as a number")
  func words() {
    #expect(UserAccountControl([.disabled, .workstationTrust]).words == ["disabled", "computer account"])
    #expect(UserAccountControl(rawValue: 0x8000_0200).words == ["user account", "0x80000000"])
  }
}
