import ActiveDirectory
import Foundation
import RotationCore
import SecretMemory
import Testing

@Suite("Directory formats")
struct DirectoryFormatTests {
  @Test(
    "Filter values are escaped as RFC 4515 demands",
    arguments: [
      ("svc(web)*", "(cn=svc\\28web\\29\\2a)"), ("a\\b", "(cn=a\\5cb)"), ("nul\0", "(cn=nul\\00)"), ("blåbær$", "(cn=blåbær$)"),
    ])
  func filterEscaping(value: String, text: String) {
    #expect(SearchFilter.equal("cn", value).text == text)
  }

  @Test("Filters combine")
  func filterCombination() {
    let filter = SearchFilter.all(.present("a"), .bits("b", 8192))
    #expect(filter.text == "(&(a=*)(b:1.2.840.113556.1.4.803:=8192))")
  }

  @Test("A FILETIME counts from 1601, and never is nil", arguments: [0, -1, Int64.max])
  func fileTime(never: Int64) {
    #expect(DirectoryTime.fileTime(never) == nil)
    #expect(DirectoryTime.fileTime(116_444_736_005_000_000) == Date(timeIntervalSince1970: 0.5))
  }

  @Test("A GeneralizedTime is read in UTC")
  func generalizedTime() {
    #expect(DirectoryTime.generalized("20010909014640.0Z") == Date(timeIntervalSince1970: 1_000_000_000))
  }

  @Test(
    "What is not a GeneralizedTime in UTC is refused",
    arguments: ["", "20010909014640.0", "20011309014640.0Z", "2001090901.0Z", "20010909014640.0+0100"])
  func badGeneralizedTime(text: String) {
    #expect(DirectoryTime.generalized(text) == nil)
  }

  @Test("A password is quoted and widened to UTF-16LE")
  func passwordEncoding() throws {
    let password = SecretBytes(count: 3) { $0.copyBytes(from: "aZ9".utf8) }
    let encoded = try #require(DirectoryPassword.encode(password))
    encoded.withUnsafeBytes { #expect(Array($0) == [0x22, 0, 0x61, 0, 0x5A, 0, 0x39, 0, 0x22, 0]) }
  }

  @Test("A password with a byte outside ASCII is refused")
  func passwordNotASCII() {
    #expect(DirectoryPassword.encode(SecretBytes(count: 1) { $0[0] = 0xE5 }) == nil)
  }

  @Test("DNS hosts keep their order and lose port, case and repetition")
  func hostList() {
    #expect(
      DomainControllerLocator.hosts(in: "DC2.lab.example:389 dc1.lab.example:389 dc2.lab.example:3268") == [
        "dc2.lab.example", "dc1.lab.example",
      ])
    #expect(DomainControllerLocator.hosts(in: "").isEmpty)
  }
}
