import ActiveDirectory
import Foundation
import Testing

@Suite("Search filters for patterns and bytes")
struct SearchFilterTests {
  @Test(
    "In a pattern only the star is special",
    arguments: [
      ("http/*", "(spn=http/*)"), ("*.lab.example", "(spn=*.lab.example)"), ("http/*.lab*", "(spn=http/*.lab*)"),
      ("a(b)\\c", "(spn=a\\28b\\29\\5cc)"), ("http/mail", "(spn=http/mail)"), ("*", "(spn=*)"), ("**", "(spn=*)"),
      ("a**b", "(spn=a*b)"), ("nul\0*", "(spn=nul\\00*)"),
    ])
  func pattern(pattern: String, text: String) {
    #expect(SearchFilter.like("spn", pattern).text == text)
  }

  @Test("Bytes are written as two hexadecimal digits each")
  func bytes() {
    #expect(SearchFilter.equal("g", bytes: [0, 0x0A, 0xFF]).text == "(g=\\00\\0a\\ff)")
  }

  @Test("One of several")
  func any() {
    #expect(SearchFilter.any([.equal("a", "1"), .equal("a", "(")]).text == "(|(a=1)(a=\\28))")
  }

  @Test("A SID has the same bytes that it was read from")
  func identifierBytes() throws {
    let bytes = DescriptorBytes.sid(DescriptorBytes.rotator)
    #expect(try SecurityIdentifier(bytes: bytes).bytes == bytes)
  }
}
