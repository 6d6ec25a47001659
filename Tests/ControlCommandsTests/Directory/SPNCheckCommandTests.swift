import Foundation
import RotationCore
import Testing

@Suite("asactl spn check")
struct SPNCheckCommandTests {
  private static let mail = "http/mail.lab.example"
  private static let both = [mail, "http/autodiscover.lab.example"]

  private func domain(
    names: [String] = both, _ arrange: (inout FakeDomain.State) -> Void = { _ in }
  ) -> FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account(names: names)]
      arrange(&$0)
    }
  }

  /// The findings that are no notes, as `kind SPN controller`.
  private func findings(_ domain: FakeDomain, names: [String] = both) async throws -> [String] {
    let runs = try DirectoryRuns(domain, configuration: DirectorySample.configuration(names: names))
    let run = await runs.run("spn", "check", "--json")
    let all = try run.document["findings"] as? [[String: Any]] ?? []
    let bad = all.filter { $0["severity"] as? String != "note" }
    #expect(run.code == (bad.isEmpty ? 0 : 1), "\(run.errors)")
    return bad.map { finding in
      ["kind", "servicePrincipalName", "controller"].compactMap { finding[$0] as? String }.joined(separator: " ")
    }
  }

  @Test("A healthy account has no finding, and the exit code is 0")
  func healthy() async throws {
    #expect(try await findings(domain()) == [])
    let run = try await DirectoryRuns(domain()).run("spn", "check")
    #expect(run.code == 0 && run.output.hasSuffix(": nothing is wrong.\n"))
  }

  @Test("One that is on no object is missing; the advice is the command that registers it")
  func missing() async throws {
    #expect(try await findings(domain(names: [Self.mail])) == ["missing http/autodiscover.lab.example"])
    let run = try await DirectoryRuns(domain(names: [Self.mail])).run("spn", "check")
    #expect(
      run.output.contains(
        #"error: http/autodiscover.lab.example: is registered nowhere: clients get no tickets for it; asactl spn add --account 'LAB\EXCH2016ASA$' http/autodiscover.lab.example"#
      ))
  }

  @Test("One that another object has instead, in any case, is on the wrong account")
  func wrongAccount() async throws {
    let domain = domain(names: ["http/autodiscover.lab.example"]) {
      $0.foreign = [FakeDomain.holder("CAS-1", spns: ["HTTP/MAIL.lab.example"])]
    }
    #expect(try await findings(domain) == ["wrongAccount http/mail.lab.example"])
  }

  @Test("One that two objects have is a duplicate; a holder that looks abandoned is said to")
  func duplicate() async throws {
    let domain = domain { $0.foreign = [FakeDomain.holder("OLD", spns: [Self.mail], passwordAge: 400)] }
    #expect(try await findings(domain) == ["duplicate http/mail.lab.example"])
    let run = try await DirectoryRuns(domain).run("spn", "check")
    #expect(run.output.contains("is also on CN=OLD,CN=Computers,DC=lab,DC=example (last password 400 days ago)"))
    let disabled = self.domain { $0.foreign = [FakeDomain.holder("OFF", spns: [Self.mail], isEnabled: false)] }
    #expect(
      try await DirectoryRuns(disabled).run("spn", "check").output.contains("CN=OFF,CN=Computers,DC=lab,DC=example (disabled)"))
  }

  @Test(
    "Another case is a finding, unless keytabs have it anyway; so is a second spelling on the same account",
    arguments: [
      (["HTTP/mail.lab.example"], []), (["http/Mail.lab.example"], ["caseVariant http/mail.lab.example"]),
      (["http/mail.lab.example", "http/MAIL.lab.example"], ["caseVariant http/mail.lab.example"]),
    ])
  func caseVariant(registered: [String], expected: [String]) async throws {
    #expect(try await findings(domain(names: registered), names: [Self.mail]) == expected)
  }

  @Test("A domain controller without an SPN, or without the account, is named")
  func replication() async throws {
    let lacking = domain { $0.lacking = ["dc2.lab.example": [Self.mail]] }
    #expect(try await findings(lacking) == ["notReplicated http/mail.lab.example dc2.lab.example"])
    let without = domain { $0.lag = ["dc2.lab.example": 9] }
    #expect(try await findings(without) == ["notReplicated dc2.lab.example"])
  }

  @Test("A domain controller that does not answer is a finding of its own")
  func silent() async throws {
    #expect(try await findings(domain { $0.silent = ["dc2.lab.example"] }) == ["controllerSilent dc2.lab.example"])
  }

  @Test("The short name on another object is a finding; registered nowhere it is worth a note")
  func shortName() async throws {
    let elsewhere = domain { $0.foreign = [FakeDomain.holder("CAS-1", spns: ["http/mail"])] }
    #expect(try await findings(elsewhere) == ["shortName http/mail"])
    let run = try await DirectoryRuns(domain()).run("spn", "check")
    #expect(run.output.contains("note: http/mail: the short name is registered nowhere"))
  }

  @Test("An account that is disabled, expired or without a password is a stale owner")
  func staleOwner() async throws {
    let disabled = domain { $0.accounts[0].control.insert(.disabled) }
    #expect(try await findings(disabled) == ["staleOwner"])
    let expired = domain { $0.accounts[0].expires = Sample.now.addingTimeInterval(-1) }
    #expect(try await findings(expired) == ["staleOwner"])
    let never = domain { $0.accounts[0].passwordLastSet = nil }
    #expect(try await findings(never) == ["staleOwner"])
  }

  @Test("An account that is not in the directory is one finding")
  func missingAccount() async throws {
    #expect(try await findings(FakeDomain()) == ["accountMissing dc1.lab.example"])
  }

  @Test("An SPN that is registered and not configured is worth a note")
  func notConfigured() async throws {
    let run = try await DirectoryRuns(domain(names: Self.both + ["http/old.lab.example"])).run("spn", "check")
    #expect(run.code == 0 && run.output.contains("note: http/old.lab.example: is on the account and not in rotator.yaml"))
  }

  @Test("Without a configured account there is nothing to check")
  func unconfigured() async {
    let run = await CommandRun.run(["spn", "check"] + DirectorySample.options, domain: domain())
    #expect(run.code == 64 && run.errors.contains("no account is configured"))
  }
}
