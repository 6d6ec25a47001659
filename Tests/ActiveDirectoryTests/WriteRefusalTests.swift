import ActiveDirectory
import RotationCore
import Testing

@Suite("Refused writes")
struct WriteRefusalTests {
  static let policy = "0000052D: Constraint violation - the password is too short"

  @Test(
    "With the stamp as expected, the code decides",
    arguments: [
      (50, "00002098: insufficient rights", WriteRefusal.Reason.accessDenied),
      (19, policy, .passwordPolicy),
      (19, "0000052d: lower case", .passwordPolicy),
      (19, "0000202F: would cause a conflict", .other),
      (19, "the password is too short (0000052D)", .other),
      (19, "0000052DX", .other),
      (53, policy, .other),
      (51, "busy", .other),
    ])
  func byCode(code: Int32, diagnostic: String, reason: WriteRefusal.Reason) {
    let refusal = WriteRefusal.classifying(code: code, diagnostic: diagnostic, found: "s", expected: "s")
    #expect(refusal == WriteRefusal(reason, "LDAP \(code): \(diagnostic)"))
  }

  @Test("A stamp that is not the expected one decides, whatever the code", arguments: [16, 19, 20, 50] as [Int32])
  func stampDecides(code: Int32) {
    // An error for a write that was applied all the same leaves the stamp that it brought.
    for (found, expected) in [("b", "a"), (nil, "a"), ("b", nil)] as [(String?, String?)] {
      let refusal = WriteRefusal.classifying(code: code, diagnostic: Self.policy, found: found, expected: expected)
      #expect(refusal.reason == .stampMismatch)
    }
  }
}
