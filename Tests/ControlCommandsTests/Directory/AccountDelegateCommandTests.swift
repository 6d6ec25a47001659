import Foundation
import RotationCore
import Testing

@Suite("asactl account delegate")
struct AccountDelegateCommandTests {
  private static let command = ["account", "delegate", #"LAB\EXCH2016ASA$"#]

  private func domain(_ arrange: (inout FakeDomain.State) -> Void = { _ in }) -> FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account()]
      arrange(&$0)
    }
  }

  @Test("The rotator of the configuration gets Reset Password and the stamp attribute, on the writer")
  func grants() async throws {
    let domain = domain()
    let run = try await DirectoryRuns(domain).run(Self.command + ["--yes"])
    #expect(run.code == 0, "\(run.errors)")
    #expect(domain.writes == ["dc1.lab.example: grant resetPassword writeStamp to svc-asa-rotator"])
    #expect(run.output.contains(#"LAB\svc-asa-rotator has Reset Password on LAB\EXCH2016ASA$."#))
    #expect(run.output.contains(#"LAB\svc-asa-rotator has write adminDescription on LAB\EXCH2016ASA$."#))
  }

  @Test("What is there already is said and not granted again")
  func idempotent() async throws {
    let half = domain { $0.ownRights = [.resetPassword] }
    let run = try await DirectoryRuns(half).run(Self.command + ["--yes"])
    #expect(half.writes == ["dc1.lab.example: grant writeStamp to svc-asa-rotator"])
    #expect(run.output.contains("Reset Password: is there already"))
    let whole = domain { $0.ownRights = [.resetPassword, .writeStamp] }
    let again = try await DirectoryRuns(whole).run(Self.command, answers: [])
    #expect(again.code == 0 && whole.writes.isEmpty && again.questions.isEmpty)
    #expect(again.output.hasSuffix("Nothing was changed.\n"))
  }

  @Test("Another principal, and the encryption types with it")
  func others() async throws {
    let domain = domain()
    let run = try await DirectoryRuns(domain).run(
      Self.command + ["--to", #"LAB\somebody"#, "--encryption-types", "--yes"])
    #expect(run.code == 0)
    #expect(domain.writes == [#"dc1.lab.example: grant resetPassword writeEncryptionTypes writeStamp to LAB\somebody"#])
  }

  @Test("Rights beyond those are warned of, with where they come from")
  func excess() async throws {
    let domain = domain { $0.excess = [ExcessRight(right: "full control", through: "Account Operators", isInherited: false)] }
    let run = try await DirectoryRuns(domain).run(Self.command + ["--dry-run"])
    #expect(run.code == 0 && domain.writes.isEmpty)
    #expect(run.output.contains("more than needed: full control (through Account Operators)"))
    #expect(run.output.contains("  Reset Password\n  write adminDescription\n"))
  }

  @Test("A refusal that stands before the new entries is an error")
  func refused() async throws {
    let domain = domain { $0.refusedRights = [.resetPassword] }
    let run = try await DirectoryRuns(domain).run(Self.command + ["--yes"])
    #expect(run.code == 77 && run.errors.contains("does not have Reset Password"))
  }

  @Test("--remove takes all of them back, or the encryption types alone")
  func removes() async throws {
    let all = domain { $0.ownRights = Set(DelegatedRight.allCases) }
    #expect(try await DirectoryRuns(all).run(Self.command + ["--remove", "--yes"]).code == 0)
    #expect(all.writes == ["dc1.lab.example: revoke resetPassword writeEncryptionTypes writeStamp from svc-asa-rotator"])
    let one = domain { $0.ownRights = Set(DelegatedRight.allCases) }
    #expect(try await DirectoryRuns(one).run(Self.command + ["--remove", "--encryption-types", "--yes"]).code == 0)
    #expect(one.writes == ["dc1.lab.example: revoke writeEncryptionTypes from svc-asa-rotator"])
  }

  @Test("Rights that stay through a group after they were taken back are an error")
  func staysThroughGroup() async throws {
    let domain = domain {
      $0.ownRights = [.resetPassword]
      $0.groupRights = [.resetPassword]
    }
    let run = try await DirectoryRuns(domain).run(Self.command + ["--remove", "--yes"])
    #expect(run.code == 77 && run.errors.contains("still has Reset Password"))
  }

  @Test("On a terminal the plan is shown and the question asked")
  func declined() async throws {
    let domain = domain()
    let run = try await DirectoryRuns(domain).run(Self.command, answers: ["no"])
    #expect(run.code == 1 && domain.writes.isEmpty && run.questions == ["Grant them? [y/N] "])
  }

  @Test("Without a configuration --to is needed; a principal that is not there is refused")
  func principal() async throws {
    let unknown = await CommandRun.run(Self.command + ["--yes"] + DirectorySample.options, domain: domain())
    #expect(unknown.code == 64 && unknown.errors.contains("--to"))
    let missing = try await DirectoryRuns(domain { $0.hasRotator = false }).run(Self.command + ["--yes"])
    #expect(missing.code == 66)
  }

  @Test("The JSON document names the changes, the rest, and the result")
  func json() async throws {
    let document = try await DirectoryRuns(domain { $0.ownRights = [.writeStamp] }).run(
      Self.command + ["--yes", "--json"]
    ).document
    #expect(document["changes"] as? [String] == ["resetPassword"] && document["unchanged"] as? [String] == ["writeStamp"])
    #expect(document["effective"] as? [String] == ["resetPassword", "writeStamp"] && document["dryRun"] as? Bool == false)
  }
}
