import ControlCommands
import RotationCore
import SecretMemory
import Testing

@Suite("The sealed key of the authority")
struct SealedKeyTests {
  private let passphrase = Self.secret("correct horse battery")
  private let key = Self.secret("0123456789abcdef0123456789abcdef")

  private static func secret(_ text: String) -> SecretBytes {
    Array(text.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
  }

  private func sealedText() throws -> String {
    try SealedKey(sealing: key, under: passphrase, cost: SealedKey.permittedCosts.lowerBound).text
  }

  @Test("What was sealed opens with the same passphrase")
  func roundTrip() throws {
    let read = try SealedKey(text: sealedText(), file: "ca.key")
    #expect(try read.opened(with: passphrase, file: "ca.key") == key)
  }

  @Test("Two seals of the same key share no salt and no cipher text")
  func fresh() throws {
    let first = try sealedText().split(separator: "\n")
    let second = try sealedText().split(separator: "\n")
    #expect(zip(first, second).filter { $0 == $1 }.count == 4)
  }

  @Test("A changed header or body does not open", arguments: ["Scrypt-N: ", "Salt: ", "body"])
  func tampered(_ line: String) throws {
    var lines = try sealedText().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    switch line {
    case "Salt: ": lines[3] = try sealedText().split(separator: "\n").map(String.init)[3]
    case "body": lines[5] = (lines[5].first == "A" ? "B" : "A") + lines[5].dropFirst()
    default: lines[2] = "Scrypt-N: 32768"
    }
    let read = try SealedKey(text: lines.joined(separator: "\n"), file: "ca.key")
    #expect(throws: OperatorFault.self) { try read.opened(with: passphrase, file: "ca.key") }
  }

  @Test(
    "A cost beyond the bounds is refused, not obeyed",
    arguments: ["Scrypt-N: 512", "Scrypt-N: 1073741824", "Scrypt-N: 20000", "Scrypt-N: many"])
  func boundsCost(_ line: String) throws {
    var lines = try sealedText().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[2] = line
    let text = lines.joined(separator: "\n")
    #expect(throws: OperatorFault.self) { try SealedKey(text: text, file: "ca.key") }
  }

  @Test("An empty passphrase is refused, not crashed on")
  func emptyPassphrase() throws {
    let read = try SealedKey(text: sealedText(), file: "ca.key")
    #expect(throws: OperatorFault.self) { try read.opened(with: Self.secret(""), file: "ca.key") }
  }
}
