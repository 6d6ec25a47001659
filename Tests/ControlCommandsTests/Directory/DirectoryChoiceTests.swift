import Foundation
import RotationCore
import Testing

@Suite("The domain controllers that a command talks to")
struct DirectoryChoiceTests {
  private func domain(_ arrange: (inout FakeDomain.State) -> Void = { _ in }) -> FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account(names: ["http/old.lab.example"])]
      arrange(&$0)
    }
  }

  private static let removal = ["spn", "remove", "http/old.lab.example", "--account", #"LAB\EXCH2016ASA$"#, "--yes"]

  private func writer(_ domain: FakeDomain, _ options: [String]) async -> String? {
    let run = await CommandRun.run(Self.removal + options, domain: domain)
    return run.code == 0 ? domain.writes.first.map { String($0.prefix { $0 != ":" }) } : run.errors
  }

  @Test("The PDC emulator is written to, in whatever order they are named, and also where the first does not answer")
  func roleHolder() async {
    let reversed = ["--realm", "LAB.EXAMPLE", "--dc", "dc2.lab.example", "--dc", "dc1.lab.example"]
    #expect(await writer(domain(), DirectorySample.options) == "dc1.lab.example")
    #expect(await writer(domain(), reversed) == "dc1.lab.example")
    #expect(await writer(domain { $0.silent = ["dc2.lab.example"] }, reversed) == "dc1.lab.example")
  }

  @Test("Where only others are named, the first of them that answers is")
  func named() async {
    #expect(await writer(domain(), ["--realm", "LAB.EXAMPLE", "--dc", "dc2.lab.example"]) == "dc2.lab.example")
  }

  @Test("The configuration's own writer is obeyed")
  func configured() async throws {
    let domain = domain()
    let runs = try DirectoryRuns(domain, configuration: DirectorySample.configuration(writer: "dc2.lab.example"))
    #expect(await runs.run(Self.removal).code == 0)
    #expect(domain.writes == ["dc2.lab.example: remove http/old.lab.example"])
  }

  @Test("A read-only one alone cannot be written to")
  func readOnly() async {
    let domain = domain { $0.controllers[1].isReadOnly = true }
    let run = await CommandRun.run(Self.removal + ["--realm", "LAB.EXAMPLE", "--dc", "dc2.lab.example"], domain: domain)
    #expect(run.code == 78 && domain.writes.isEmpty && run.errors.contains("name dc1.lab.example with --dc"))
  }

  @Test("If none answers, the first says why")
  func silent() async {
    let domain = domain { $0.silent = ["dc1.lab.example", "dc2.lab.example"] }
    let run = await CommandRun.run(Self.removal + DirectorySample.options, domain: domain)
    #expect(run.code == 69 && run.errors.contains("dc1.lab.example"))
  }

  @Test("Without a realm, or without a ticket cache, it is said how to name them")
  func notKnown() async {
    let noRealm = await CommandRun.run(Self.removal, domain: domain())
    #expect(noRealm.code == 64 && noRealm.errors.contains("--realm"))
    let noCache = await CommandRun.run(Self.removal + DirectorySample.options)
    #expect(noCache.code == 78 && noCache.errors.contains("krb5.conf"))
    let noKeytab = await CommandRun.run(Self.removal + DirectorySample.options + ["--as-rotator"], domain: domain())
    #expect(noKeytab.code == 64 && noKeytab.errors.contains("--as-rotator"))
  }
}
