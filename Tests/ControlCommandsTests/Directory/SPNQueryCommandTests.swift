import Foundation
import RotationCore
import Testing

@Suite("asactl spn query and list")
struct SPNQueryCommandTests {
  private var domain: FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account(names: ["http/mail.lab.example", "http/extra.lab.example"])]
      $0.foreign = [FakeDomain.holder("CAS-1", spns: ["HTTP/cas-1.lab.example", "HOST/CAS-1"], isEnabled: false)]
    }
  }

  @Test("Every object of the forest with such an SPN, and those of its SPNs that fit")
  func query() async throws {
    let run = try await DirectoryRuns(domain).run("spn", "query", "http/*.lab.example")
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.output == """
        CN=CAS-1,CN=Computers,DC=lab,DC=example  (disabled)
          HTTP/cas-1.lab.example
        CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example
          http/mail.lab.example
          http/extra.lab.example

        """)
  }

  @Test("Nothing found ends with 1, also as JSON")
  func nothing() async throws {
    let run = try await DirectoryRuns(domain).run("spn", "query", "ldap/*")
    #expect(run.code == 1 && run.output == "No SPN in the forest is like 'ldap/*'.\n")
    let json = try await DirectoryRuns(domain).run("spn", "query", "ldap/*", "--json")
    #expect(json.code == 1)
    #expect(try (json.document["holders"] as? [Any])?.isEmpty == true)
  }

  @Test("When the bound is hit that is said")
  func bounded() async throws {
    let run = try await DirectoryRuns(domain).run("spn", "query", "*", "--limit", "1")
    #expect(run.code == 0 && run.output.contains("These are the first 1 objects, there are more"))
    let document = try await DirectoryRuns(domain).run("spn", "query", "*", "--limit", "1", "--json").document
    #expect(document["complete"] as? Bool == false && (document["holders"] as? [Any])?.count == 1)
  }

  @Test("The list shows what is registered, what of it is not configured, and what is configured and missing")
  func list() async throws {
    let run = try await DirectoryRuns(domain).run("spn", "list")
    #expect(
      run.output == #"""
        LAB\EXCH2016ASA$  CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example
          http/extra.lab.example  not configured
          http/mail.lab.example
          http/autodiscover.lab.example  configured, and not registered

        """#)
    let document = try await DirectoryRuns(domain).run("spn", "list", "--json").document
    #expect(document["missing"] as? [String] == ["http/autodiscover.lab.example"])
  }

  @Test("Without a configuration nothing is said about what is configured")
  func listWithoutConfiguration() async {
    let run = await CommandRun.run(
      ["spn", "list", "--account", #"LAB\EXCH2016ASA$"#, "--json"] + DirectorySample.options, domain: domain)
    #expect(run.code == 0 && run.output.contains("\"configured\" : null"))
  }
}
