import Foundation
import RotationCore
import Testing

@Suite("Names of accounts, nodes, services and rotations")
struct NameTests {
  @Test("An account name is DOMAIN\\name, the domain in upper case, the name as written")
  func accountName() throws {
    let name = try AccountName("lab\\Exch2016ASA$")
    #expect(name.description == "LAB\\Exch2016ASA$")
    #expect(try AccountName("LAB\\EXCH2016ASA$") == name)
    #expect(Set([name, try AccountName("LAB\\exch2016asa$")]).count == 1)
  }

  @Test(
    "Another form is refused by name",
    arguments: ["", "svc", "\\svc", "LAB\\", "LAB\\a\\b", "svc@lab.example", "LAB\\a b/c", "LAB\\a\"", "LAB\\a\n"])
  func malformedAccountName(text: String) {
    let fault = #expect(throws: OperatorFault.self) { try AccountName(text) }
    #expect(fault?.kind == .data)
    #expect(fault?.remedy.isEmpty == false)
  }

  @Test(
    "A node name is a host name without regard to case and the final dot",
    arguments: ["CAS-1.Lab.Example", "cas-1.lab.example.", "cas-1.lab.example"])
  func nodeName(text: String) throws {
    #expect(try NodeName(text).description == "cas-1.lab.example")
  }

  @Test(
    "What is not a host name is refused",
    arguments: [
      "", ".", "*.lab.example", "cas_1.lab.example", "-cas.lab.example", "cas-.lab.example", "cas..lab", "cas 1", "cäs.lab",
      String(repeating: "a", count: 64), Array(repeating: "abcdefgh", count: 32).joined(separator: "."),
    ])
  func malformedNodeName(text: String) {
    #expect(throws: OperatorFault.self) { try NodeName(text) }
  }

  @Test("SPNs compare as the directory does, without regard to case")
  func servicePrincipalName() throws {
    let name = try ServicePrincipalName("http/Mail.lab.example")
    #expect(try ServicePrincipalName("HTTP/mail.LAB.example") == name)
    #expect(name.description == "http/Mail.lab.example")
    #expect(Set([name, try ServicePrincipalName("HTTP/mail.lab.example")]).count == 1)
  }

  @Test(
    "An SPN with a realm, a port, a third part or a control character is refused",
    arguments: [
      "", "http", "http/", "/mail", "http/mail/x", "http/mail@LAB.EXAMPLE", "http/mail:80", "http/ma il", "http/mail\u{7}",
      "http/mäil", "http\\mail",
    ])
  func malformedServicePrincipalName(text: String) {
    #expect(throws: OperatorFault.self) { try ServicePrincipalName(text) }
  }

  @Test(
    "http is written into keytabs in both spellings, every other class as it is",
    arguments: [
      ("http/mail.lab.example", ["http/mail.lab.example", "HTTP/mail.lab.example"]),
      ("HTTP/mail.lab.example", ["HTTP/mail.lab.example", "http/mail.lab.example"]),
      ("Http/mail.lab.example", ["Http/mail.lab.example", "HTTP/mail.lab.example", "http/mail.lab.example"]),
      ("imap/mail.lab.example", ["imap/mail.lab.example"]),
    ])
  func keytabSpellings(text: String, expected: [String]) throws {
    #expect(try ServicePrincipalName(text).keytabSpellings == expected)
  }

  @Test(
    "Rotation ids are lower-case letters, digits and dashes",
    arguments: ["", "A", "a_b", "a;b", "ä", String(repeating: "a", count: 65)])
  func malformedRotationID(text: String) {
    #expect(RotationID(text) == nil)
  }

  @Test("A fresh rotation id is accepted as text, is unlike any other, and is not an adopted one")
  func freshRotationID() {
    let id = RotationID.make()
    #expect(RotationID(id.description) == id)
    #expect(RotationID.make() != id)
    #expect(!id.isAdopted)
    #expect(RotationID.adopted(KeyVersion(7)).description == "adopted-7")
    #expect(RotationID.adopted(KeyVersion(7)).isAdopted)
  }

  @Test("Names are encoded as plain text and checked when they are decoded")
  func coding() throws {
    let name = try ServicePrincipalName("http/mail.lab.example")
    #expect(try JSONDecoder().decode(ServicePrincipalName.self, from: JSONEncoder().encode(name)) == name)
    let account = try AccountName("LAB\\asa$")
    #expect(try JSONDecoder().decode(AccountName.self, from: JSONEncoder().encode(account)) == account)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(NodeName.self, from: Data("\"*.lab\"".utf8)) }
    #expect(throws: (any Error).self) { try JSONDecoder().decode(RotationID.self, from: Data("\"A B\"".utf8)) }
    #expect(throws: (any Error).self) { try JSONDecoder().decode(KeyFingerprint.self, from: Data("\"12\"".utf8)) }
  }
}
