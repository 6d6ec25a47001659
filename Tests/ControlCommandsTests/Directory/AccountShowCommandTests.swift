import Foundation
import RotationCore
import Synchronization
import Testing

@Suite("asactl account show and list")
struct AccountShowCommandTests {
  private static let stamp =
    "asa1;0.7;11111111-2222-4333-8444-555555555555;done;99999999-8888-4777-8666-555555555555"

  private func domain(_ change: @escaping @Sendable (inout AdministeredAccount) -> Void = { _ in }) -> FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account(change)]
      $0.ownRights = [.resetPassword, .writeStamp]
    }
  }

  @Test("Class, place, password, state, kvno of every domain controller, SPNs and rights")
  func text() async throws {
    let run = try await DirectoryRuns(domain()).run("account", "show")
    #expect(run.code == 0, "\(run.errors)")
    for line in [
      #"LAB\EXCH2016ASA$"#, "  class               computer",
      "  object              CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example",
      #"  owner               LAB\Domain Admins"#, "  state               enabled", "  flags               computer account",
      "  last password set   2026-11-20 17:00:00+01:00 (1 day ago)",
      "  enctypes            24: aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96", "  stamp               none",
      "    dc1.lab.example (written to): kvno 5, password set 2026-11-20 17:00:00+01:00", "    http/mail.lab.example",
      #"  Rights of LAB\svc-asa-rotator:"#, "    Reset Password    yes", "    write the stamp   yes",
      "    write enctypes    no",
    ] {
      #expect(run.output.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
  }

  @Test("The stamp is decoded, and rights too many are named with where they come from")
  func stampAndExcess() async throws {
    let domain = domain { $0.stamp = Self.stamp }
    domain.state.withLock {
      $0.excess = [ExcessRight(right: "write servicePrincipalName", through: "Account Operators", isInherited: true)]
    }
    let run = try await DirectoryRuns(domain).run("account", "show", #"LAB\EXCH2016ASA$"#)
    #expect(run.output.contains("the last rotation set the password: rotation 11111111-2222-4333-8444-555555555555 of rotator"))
    #expect(run.output.contains("more than needed: write servicePrincipalName (through Account Operators, inherited)"))
  }

  @Test("Disabled, locked out, expired: each is said")
  func state() async throws {
    let domain = domain {
      $0.control = [.workstationTrust, .disabled, .lockedOut, .passwordExpired]
      $0.expires = Sample.now.addingTimeInterval(-3600)
    }
    let run = try await DirectoryRuns(domain).run("account", "show")
    #expect(run.output.contains("disabled, locked out, password expired, expired 2026-11-21 16:00:00+01:00 (1 hour ago)"))
  }

  @Test("A domain controller that lags or is silent is shown as that, and the others all the same")
  func controllers() async throws {
    let lagging = domain()
    lagging.state.withLock { $0.lag = ["dc2.lab.example": 5] }
    #expect(
      try await DirectoryRuns(lagging).run("account", "show").output.contains("dc2.lab.example: does not have the account yet"))
    let silent = domain()
    silent.state.withLock { $0.silent = ["dc2.lab.example"] }
    let run = try await DirectoryRuns(silent).run("account", "show")
    #expect(run.code == 0 && run.output.contains("domain controller dc2.lab.example: does not answer"))
  }

  @Test("The JSON document has every field, null where there is nothing")
  func json() async throws {
    let document = try await DirectoryRuns(domain()).run("account", "show", "--json").document
    #expect(document["stamp"] is NSNull && document["expires"] is NSNull && document["rightsFault"] is NSNull)
    #expect(document["supportedEncryptionTypes"] as? Int == 24 && document["enabled"] as? Bool == true)
    #expect((document["rights"] as? [String: Any])?["resetPassword"] as? Bool == true)
    #expect((document["controllers"] as? [[String: Any]])?.compactMap { $0["version"] as? Int } == [5, 5])
  }

  @Test("Without a configuration the account is shown, and that the rotator is not known")
  func withoutConfiguration() async {
    let run = await CommandRun.run(
      ["account", "show", #"LAB\EXCH2016ASA$"#] + DirectorySample.options, domain: domain())
    #expect(run.code == 0 && run.output.contains("Rights of the rotator: the rotator's principal: is not known"))
  }

  @Test("An account that is not there is named, with the way to make it")
  func missing() async throws {
    let run = try await DirectoryRuns(FakeDomain()).run("account", "show")
    #expect(run.code == 66 && run.errors.contains("asactl account create"))
  }

  @Test("An account of another domain is refused with both names")
  func otherDomain() async throws {
    let run = try await DirectoryRuns(domain()).run("account", "show", #"OTHER\EXCH2016ASA$"#)
    #expect(run.code == 66 && run.errors.contains("serves the domain LAB and not OTHER"))
  }

  @Test("The list has the configured accounts, and those that carry a rotator's stamp")
  func list() async throws {
    let domain = FakeDomain {
      $0.accounts = [
        FakeDomain.account {
          ($0.objectGUID, $0.samAccountName, $0.stamp) = (UUID(), "OTHERASA$", Self.stamp)
        }
      ]
    }
    let run = try await DirectoryRuns(domain).run("account", "list")
    #expect(run.code == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines[1].hasPrefix(#"LAB\EXCH2016ASA$  yes         missing"#))
    #expect(lines[2].hasPrefix(#"LAB\OTHERASA$     no          enabled"#) && lines[2].hasSuffix("done"))
    #expect(run.output.contains("rotator 99999999-8888-4777-8666-555555555555 has rotated it"))
    let document = try await DirectoryRuns(domain).run("account", "list", "--json").document
    #expect((document["accounts"] as? [[String: Any]])?.compactMap { $0["configured"] as? Bool } == [true, false])
  }
}
