import SecretMemory
import Testing

@Suite("Generated passwords")
struct GeneratedPasswordTests {
  private func characters(_ password: SecretBytes) -> [UInt8] { password.withUnsafeBytes { Array($0) } }

  @Test("A password has at least 120 printable ASCII characters")
  func lengthAndCharacters() {
    for _ in 0..<200 {
      let password = characters(GeneratedPassword.make())
      #expect(password.count == GeneratedPassword.length && password.count >= 120)
      #expect(password.allSatisfy { (0x21...0x7e).contains($0) })
    }
  }

  @Test("Every password has all four character classes")
  func classes() {
    for _ in 0..<200 {
      let password = characters(GeneratedPassword.make()).map { Character(UnicodeScalar($0)) }
      #expect(password.contains { $0.isUppercase })
      #expect(password.contains { $0.isLowercase })
      #expect(password.contains { $0.isNumber })
      #expect(password.contains { !$0.isLetter && !$0.isNumber })
    }
  }

  @Test("No character that a shell, LDIF or the quoting of unicodePwd could take for its own is in it")
  func harmlessCharacters() {
    for _ in 0..<200 {
      #expect(characters(GeneratedPassword.make()).allSatisfy { !Array(#""'`\<>"#.utf8).contains($0) })
    }
  }

  @Test("Every allowed character comes up, and no two passwords are alike")
  func variety() {
    let passwords = (0..<200).map { _ in characters(GeneratedPassword.make()) }
    #expect(Set(passwords).count == passwords.count)
    #expect(Set(passwords.joined()).count == 26 + 26 + 10 + 26)
  }
}
