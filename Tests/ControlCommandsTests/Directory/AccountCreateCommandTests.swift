import Foundation
import RotationCore
import Testing

@Suite("asactl account create")
struct AccountCreateCommandTests {
  private static let name = #"LAB\EXCH2016ASA$"#

  @Test("A computer account with AES is made on the PDC emulator, without an SPN, and every domain controller is waited for")
  func computer() async throws {
    let domain = FakeDomain { $0.lag = ["dc2.lab.example": 1] }
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--description", "mail", "--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(domain.writes == ["dc1.lab.example: create CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example"])
    let made = try #require(domain.accounts.first)
    #expect(made.kind == .computer && made.supportedEncryptionTypes == 24 && made.description == "mail")
    #expect(made.servicePrincipalNames.isEmpty && made.control == .workstationTrust)
    #expect(
      run.output.hasPrefix(
        #"""
        LAB\EXCH2016ASA$ was created on dc1.lab.example.
          dc1.lab.example has it.
          dc2.lab.example has it.
        LAB\EXCH2016ASA$ is on all 2 domain controllers.

        """#))
  }

  @Test("A user account gets a password that does not expire, its own place, and RC4 where that is asked for")
  func user() async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run(
      "account", "create", #"LAB\svc-web"#, "--kind", "user", "--ou", "OU=Service Accounts,DC=lab,DC=example", "--enctypes",
      "aes+rc4", "--yes")
    #expect(run.code == 0, "\(run.errors)")
    let made = try #require(domain.accounts.first)
    #expect(made.distinguishedName == "CN=svc-web,OU=Service Accounts,DC=lab,DC=example")
    #expect(made.control == [.normalAccount, .passwordDoesNotExpire] && made.supportedEncryptionTypes == 28)
  }

  @Test("It ends with the delegation for Windows and for Samba, with the rotator's SID")
  func delegation() async throws {
    let run = try await DirectoryRuns(FakeDomain()).run("account", "create", Self.name, "--yes")
    let dn = "CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example"
    #expect(run.output.contains("  asactl account delegate '\(Self.name)'\n"))
    #expect(
      run.output.contains(
        #"  Windows: dsacls "\#(dn)" /G "LAB\svc-asa-rotator:CA;Reset Password" "LAB\svc-asa-rotator:WP;adminDescription""#))
    #expect(
      run.output.contains(
        "  Samba: samba-tool dsacl set --objectdn='\(dn)' --sddl=\"(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;S-1-5-21-1-2-3-1105)"
          + "(OA;;WP;bf967919-0de6-11d0-a285-00aa003049e2;;S-1-5-21-1-2-3-1105)\""))
  }

  @Test("Where the rotator's account is not there yet, the commands look its SID up")
  func rotatorToCome() async throws {
    let run = try await DirectoryRuns(FakeDomain { $0.hasRotator = false }).run("account", "create", Self.name, "--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("$(samba-tool user show 'svc-asa-rotator' --attributes=objectSid"))
  }

  @Test("Without a configuration a name stands for the rotator's")
  func rotatorNotKnown() async {
    let run = await CommandRun.run(
      ["account", "create", Self.name, "--yes"] + DirectorySample.options, domain: FakeDomain { $0.hasRotator = false })
    #expect(run.code == 0 && run.output.contains("asactl account delegate '\(Self.name)' --to ROTATOR\n"))
    #expect(run.output.contains(#"/G "LAB\ROTATOR:CA;Reset Password""#))
  }

  @Test("A domain controller that does not get it in time ends with 75, by name; the account is there")
  func behind() async throws {
    let domain = FakeDomain { $0.lag = ["dc2.lab.example": 100] }
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--wait", "0", "--yes")
    #expect(run.code == 75 && domain.accounts.count == 1)
    #expect(run.output.contains("dc2.lab.example: has not got it yet"))
    #expect(run.errors.contains("is not on dc2.lab.example yet"))
  }

  @Test("A dry run shows the plan and writes nothing")
  func dryRun() async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--dry-run")
    #expect(run.code == 0 && domain.writes.isEmpty)
    #expect(run.output.contains("  as           CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example\n"))
    #expect(run.output.contains("msDS-SupportedEncryptionTypes 24: aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96"))
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
  }

  @Test("On a terminal the plan comes before the question, and any answer but yes makes nothing")
  func declined() async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, answers: ["n"])
    #expect(run.code == 1 && domain.writes.isEmpty && run.questions == ["Create it? [y/N] "])
    #expect(run.output.hasPrefix(#"Create the computer account LAB\EXCH2016ASA$"#))
  }

  @Test("The JSON document says where it is and who has it, and nothing is printed beside it")
  func json() async throws {
    let run = try await DirectoryRuns(FakeDomain()).run("account", "create", Self.name, "--yes", "--json")
    let document = try run.document
    #expect(document["objectGUID"] as? String == FakeDomain.identifier.uuidString && document["dryRun"] as? Bool == false)
    #expect((document["controllers"] as? [[String: Any]])?.compactMap { $0["hasIt"] as? Bool } == [true, true])
    #expect((document["delegation"] as? [String])?.count == 3)
  }

  @Test("A name that the domain has already is refused with its place")
  func taken() async throws {
    let domain = FakeDomain { $0.accounts = [FakeDomain.account()] }
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--yes")
    #expect(run.code == 73 && domain.writes.isEmpty)
    #expect(run.errors.contains("it is CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example"))
  }

  @Test("A name that another domain of the forest has is refused")
  func takenElsewhere() async throws {
    let domain = FakeDomain { $0.foreign = [FakeDomain.holder("EXCH2016ASA", spns: [])] }
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--yes")
    #expect(run.code == 73 && domain.writes.isEmpty && run.errors.contains("in another domain of the forest"))
  }

  @Test("A CN that another account has in the same place is refused")
  func takenCommonName() async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run("account", "create", #"LAB\Somebody"#, "--kind", "user", "--yes")
    #expect(run.code == 73 && domain.writes.isEmpty && run.errors.contains("under another sAMAccountName"))
  }

  @Test(
    "A place that is not there, or is none, is refused",
    arguments: [("OU=Nowhere,DC=lab,DC=example", 66), ("CN=Somebody,CN=Users,DC=lab,DC=example", 65)] as [(String, Int32)])
  func badPlace(place: String, code: Int32) async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--ou", place, "--yes")
    #expect(run.code == code && domain.writes.isEmpty && run.errors.contains("--ou '\(place)'"))
  }

  @Test(
    "A name that no domain controller takes is wrong usage",
    arguments: [
      [#"LAB\EXCH2016ASAWEBMA$"#], [#"LAB\EXCH2016ASA"#], [#"LAB\svc$"#, "--kind", "user"],
      [#"LAB\svc-web-of-the-whole-company"#, "--kind", "user"], [#"LAB\$"#],
    ])
  func badName(arguments: [String]) async throws {
    let domain = FakeDomain()
    let run = try await DirectoryRuns(domain).run(["account", "create"] + arguments + ["--yes"])
    #expect(run.code == 64 && domain.writes.isEmpty)
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test("A write that is refused is told with the domain controller's reason")
  func refusedWrite() async throws {
    let domain = FakeDomain { $0.writeFault = OperatorFault(.permission, "CN=X", "dc1 refused the write for want of a right") }
    let run = try await DirectoryRuns(domain).run("account", "create", Self.name, "--yes")
    #expect(run.code == 77 && run.errors.contains("for want of a right"))
  }
}
