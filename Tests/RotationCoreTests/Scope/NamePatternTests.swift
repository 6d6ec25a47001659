import RotationCore
import Testing

@Suite("Names with wildcards")
struct NamePatternTests {
  @Test(
    "A pattern fits whole names, without regard to case",
    arguments: [
      ("cas-1.lab.example", "CAS-1.lab.example"), ("cas-1.lab.example.", "cas-1.lab.example"), ("CAS-?.*", "cas-1.lab.example"),
      ("*", "cas-1"), ("*-1*", "cas-1.lab.example"), ("c*s*1", "cas-ss-1"), ("cas-1*", "cas-1"), ("**", ""),
    ])
  func fits(_ pattern: String, _ name: String) {
    #expect(NamePattern(pattern).matches(name))
  }

  @Test(
    "It fits nothing else",
    arguments: [
      ("cas-1", "cas-1.lab.example"), ("cas-?", "cas-"), ("cas-?", "cas-10"), ("*-2*", "cas-1.lab.example"), ("", "cas-1"),
      ("c*s*2", "cas-ss-1"), ("cas.1", "cas-1"),
    ])
  func fitsNot(_ pattern: String, _ name: String) {
    #expect(!NamePattern(pattern).matches(name))
  }

  @Test("A search has nothing special but *: no ? and no trailing dot")
  func searching() {
    #expect(NamePattern.searching("http/MAIL.*").matches("HTTP/mail.lab.example"))
    #expect(NamePattern.searching("http/mail.").matches("http/mail."))
    #expect(!NamePattern.searching("http/mai?").matches("http/mail"))
  }
}
