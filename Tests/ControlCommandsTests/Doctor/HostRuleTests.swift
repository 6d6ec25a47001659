import ControlCommands
import RotationCore
import Testing

@Suite("What doctor makes of DNS")
struct HostRuleTests {
  private let host = "mail.lab.example"
  private let controllers = ["192.0.2.1": "dc1.lab.example"]

  private func report(_ lookup: HostEvidence.Lookup) throws -> DoctorReport {
    let names = [try ServicePrincipalName("http/\(host)")]
    return DoctorReport(
      HostRules([HostEvidence(host: host, servicePrincipalNames: names, lookup: lookup)], controllers: controllers).checks)
  }

  private func found(_ address: String, _ reverse: AddressEvidence.Reverse? = nil, canonicalName: String? = nil)
    -> HostEvidence.Lookup
  {
    .found(canonicalName: canonicalName ?? host, [AddressEvidence(address: address, reverse: reverse ?? .name(host))])
  }

  @Test("A name with an address that stands for it is in order, whatever the case and the dot at its end")
  func healthy() throws {
    let report = try report(found("192.0.2.10", .name("Mail.LAB.example."), canonicalName: "MAIL.lab.example"))
    #expect(report.level == .ok && report.checks.count == 4)
  }

  @Test("A name that does not resolve is critical, one that nobody answers for is not checked")
  func unresolved() throws {
    #expect(try report(.absent("Name or service not known")).findings.ids == ["name.unresolved"])
    let unanswered = try report(.unanswered("no answer"))
    #expect(unanswered.findings.isEmpty && unanswered.level == .unknown)
  }

  @Test("A name that is an alias is a warning that names where it leads")
  func alias() throws {
    let findings = try report(found("192.0.2.10", .name("vip.lab.example"), canonicalName: "vip.lab.example")).findings
    #expect(findings.ids == ["name.alias"])
    #expect(findings.first?.advice.contains("http/vip.lab.example") == true)
  }

  @Test(
    "An address that no balancer can have is critical",
    arguments: ["192.0.2.1", "0.0.0.0", "::", "169.254.1.1", "fe80::1%eth0", "127.0.0.1", "::1"])
  func wrongAddress(address: String) throws {
    #expect(try report(found(address)).findings.ids == ["name.wrong-address"])
  }

  @Test("Where domain controllers have loopback addresses, so may the shared name")
  func loopback() throws {
    let evidence = HostEvidence(host: host, servicePrincipalNames: [], lookup: found("127.0.0.50"))
    #expect(DoctorReport(HostRules([evidence], controllers: ["127.0.0.21": "dc1"]).checks).findings.isEmpty)
  }

  @Test(
    "An address that stands for another name, or for none where others stand for one, is a warning",
    arguments: [AddressEvidence.Reverse.name("cas-1.lab.example"), .absent])
  func reverse(reverse: AddressEvidence.Reverse) throws {
    let lookup = HostEvidence.Lookup.found(
      canonicalName: host,
      [AddressEvidence(address: "192.0.2.9", reverse: .name(host)), AddressEvidence(address: "192.0.2.10", reverse: reverse)])
    let findings = try report(lookup).findings
    #expect(findings.ids == ["name.reverse"] && findings.first?.severity == .warning)
  }

  @Test("Where no address stands for a name, nobody keeps such records, and clients go by the name that they have")
  func withoutReverse() throws { #expect(try report(found("192.0.2.10", .absent)).findings.isEmpty) }

  @Test("An address may stand for another host of the same account; of another account it is a warning")
  func sameAccount() throws {
    let names = try ["http/mail.lab.example", "http/autodiscover.lab.example"].map { try ServicePrincipalName($0) }
    let shared = HostEvidence(
      host: "autodiscover.lab.example", servicePrincipalNames: [names[1]],
      lookup: found("192.0.2.10", .name(host), canonicalName: "autodiscover.lab.example"))
    let report = { (families: [[ServicePrincipalName]]) in
      DoctorReport(HostRules([shared], controllers: controllers, families: families).checks).findings.ids
    }
    #expect(report([names]).isEmpty)
    #expect(report([[names[0]], [names[1]]]) == ["name.reverse"])
  }

  @Test("That the search list completes a short name makes it no alias")
  func shortName() throws {
    let short = HostEvidence(
      host: "mail", servicePrincipalNames: [try ServicePrincipalName("http/mail")],
      lookup: found("192.0.2.10", .name(host), canonicalName: host))
    #expect(DoctorReport(HostRules([short], controllers: controllers).checks).findings.isEmpty)
  }
}
