import RotationCore
import Testing

@Suite("Faults told to people")
struct OperatorFaultTests {
  @Test("One line: subject, problem and the way out, if there is one")
  func oneLine() {
    #expect(OperatorFault(.data, "node 'x'", "is odd", remedy: "rename it").description == "node 'x': is odd; rename it")
    #expect(OperatorFault(.data, "node 'x'", "is odd").description == "node 'x': is odd")
  }

  @Test(
    "A server's text can neither start a new line nor steer the terminal",
    arguments: ["a\nb", "a\r\nb", "a\u{2028}b", "a\u{1b}b", "a\u{7}b"])
  func foreignText(text: String) {
    #expect(OperatorFault(.data, "dc1", text).description == "dc1: a b")
  }

  @Test("Every kind has an exit code of its own between 64 and 78")
  func exitCodes() {
    let codes = OperatorFault.Kind.allCases.map(\.exitCode)
    #expect(codes.allSatisfy { (64...78).contains($0) })
    #expect(Set(codes).count == codes.count)
    #expect(OperatorFault.Kind.usage.exitCode == 64)
    #expect(OperatorFault.Kind.unavailable.exitCode == 69)
    #expect(OperatorFault.Kind.configuration.exitCode == 78)
  }
}
