import ChildProcesses
import Testing

@Suite("The lab", .needsLab)
struct LabSelfTests {
  @Test("The rotator account may reset the password and write the stamp, and write nothing else of the shared account")
  func rights() async throws {
    let lab = try #require(LabFixture.current)
    let cache = ["KRB5CCNAME": "FILE:\(lab.state)/tmp/rights.ccache"]
    let subject =
      "dn: CN=EXCH2016ASA,CN=Computers,\(lab.dnsDomain.split(separator: ".").map { "DC=\($0)" }.joined(separator: ","))"
    try await lab.run("kinit", "-k", "-t", lab.rotatorKeytab, lab.rotatorPrincipal, environment: cache)

    let changes = [
      ("replace: adminDescription\nadminDescription: stamp", Int32(0)),
      ("replace: description\ndescription: text", 50),
      ("replace: servicePrincipalName\nservicePrincipalName: http/other", 50),
    ]
    for (change, expected) in changes {
      let result = try await lab.result(
        of: ["ldapmodify", "-Q", "-Y", "GSSAPI", "-H", "ldap://\(lab.controllerHost)"],
        input: "\(subject)\nchangetype: modify\n\(change)\n", environment: cache)
      #expect(result.status == expected, "\(change): \(result.errors)")
    }
  }
}
