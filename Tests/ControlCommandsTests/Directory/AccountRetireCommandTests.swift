import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf
import Synchronization
import Testing

@Suite("asactl account retire")
struct AccountRetireCommandTests {
  private static let command = ["account", "retire", #"LAB\EXCH2016ASA$"#]
  private static let stamp = "asa1;0.7;11111111-2222-4333-8444-555555555555;claimed;99999999-8888-4777-8666-555555555555"

  private func domain(_ change: @escaping @Sendable (inout AdministeredAccount) -> Void = { _ in }) -> FakeDomain {
    FakeDomain { $0.accounts = [FakeDomain.account(change)] }
  }

  /// A rotator whose nodes hold keys until it is told to have them destroyed.
  private func daemon(phase: String = "idle", knowsAccount: Bool = true) -> (FakeDaemon, SharedList) {
    let removed = SharedList()
    var daemon = FakeDaemon()
    daemon.status = { _ in
      guard knowsAccount else { return .init() }
      var reply = Sample.status(removed.values.isEmpty ? [Sample.healthyNode] : [])
      reply.accounts[0].phase = phase
      return reply
    }
    daemon.remove = { request in
      removed.append("\(request.account) all: \(request.all)")
      return .with {
        $0.removed = [
          .with {
            $0.node = "cas-1.lab.example"
            $0.versions = [5, 4]
          }
        ]
      }
    }
    return (daemon, removed)
  }

  private func run(
    _ domain: FakeDomain, _ daemon: FakeDaemon, _ options: [String] = ["--yes"], answers: [String]? = nil
  ) async throws -> CommandRun {
    try await daemon.listening { directory in
      try await DirectoryRuns(domain).run(Self.command + options + ["--socket-directory", directory], answers: answers)
    }
  }

  @Test("SPNs, then the nodes' keys, then the account; each is told")
  func inOrder() async throws {
    let (domain, (daemon, removed)) = (domain(), daemon())
    let run = try await run(domain, daemon)
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      domain.writes == [
        "dc1.lab.example: remove http/mail.lab.example http/autodiscover.lab.example", "dc1.lab.example: disable",
      ])
    #expect(removed.values == [#"LAB\EXCH2016ASA$ all: true"#])
    #expect(run.output.contains("Done: Take http/mail.lab.example, http/autodiscover.lab.example off the account."))
    #expect(run.output.contains("  cas-1.lab.example: kvno 5, 4\n"))
    #expect(run.output.hasSuffix(#"Kerberos is off for LAB\EXCH2016ASA$."# + "\n"))
  }

  @Test("--delete deletes the account at the end, also one that is disabled")
  func deletes() async throws {
    let domain = domain {
      $0.control.insert(.disabled)
      $0.servicePrincipalNames = []
    }
    #expect(try await run(domain, daemon().0, ["--delete", "--yes"]).code == 0)
    #expect(domain.writes == ["dc1.lab.example: delete"] && domain.accounts.isEmpty)
  }

  @Test("Each step asks with what it breaks; a no stops before it, and what was done stays")
  func asks() async throws {
    let (domain, (daemon, removed)) = (domain(), daemon())
    let run = try await run(domain, daemon, [], answers: ["y", "n"])
    #expect(run.code == 1 && domain.writes.count == 1 && removed.values.isEmpty)
    #expect(run.questions.count == 2)
    #expect(run.questions[0].hasPrefix("Clients get no new tickets for these names"))
    #expect(run.questions[1].hasPrefix("Nodes refuse the tickets that clients still hold"))
    #expect(run.output.hasSuffix("Stopped before step 2; the same command goes on from there.\n"))
  }

  @Test("What is done already is seen and not done again")
  func resumes() async throws {
    let domain = domain { $0.servicePrincipalNames = [] }
    let (daemon, removed) = daemon()
    let first = try await run(domain, daemon, [], answers: ["y", "n"])
    #expect(first.code == 1 && removed.values.count == 1)
    #expect(first.output.contains("done already: The account has no SPN"))
    let second = try await run(domain, daemon)
    #expect(second.code == 0 && removed.values.count == 1 && domain.writes == ["dc1.lab.example: disable"])
    #expect(second.output.contains("done already: No node that is let in holds a key of it"))
  }

  @Test("A dry run shows the steps with what each breaks, and the reminders; nothing is changed")
  func dryRun() async throws {
    let (domain, (daemon, removed)) = (domain(), daemon())
    let run = try await run(domain, daemon, ["--dry-run"])
    #expect(run.code == 0 && domain.writes.isEmpty && removed.values.isEmpty)
    #expect(run.output.contains("  2  Have cas-1.lab.example destroy every key of it\n"))
    #expect(run.output.contains(#"asactl pause --account 'LAB\EXCH2016ASA$'"#))
    #expect(run.output.contains("take it out of rotator.yaml and agent.yaml"))
  }

  @Test("It is refused while a rotation is in progress here, or another rotator holds the account")
  func inProgress() async throws {
    let ours = domain()
    let here = try await run(ours, daemon(phase: "staging").0)
    #expect(here.code == 75 && here.errors.contains("in progress (staging)") && ours.writes.isEmpty)
    let claimed = domain { $0.stamp = Self.stamp }
    let elsewhere = try await run(claimed, daemon().0)
    #expect(elsewhere.code == 75 && elsewhere.errors.contains("rotator 99999999-8888-4777-8666-555555555555 holds it"))
    #expect(claimed.writes.isEmpty)
  }

  @Test("Without a rotator that answers nothing is begun")
  func withoutRotator() async throws {
    let domain = domain()
    let run = try await DirectoryRuns(domain).run(Self.command + ["--yes", "--socket-directory", "/nowhere"])
    #expect(run.code == 69 && domain.writes.isEmpty)
  }

  @Test("A rotator that does not know the account any more cannot remove keys; that is said, and the rest is done")
  func unknownToRotator() async throws {
    let domain = domain()
    let run = try await run(domain, daemon(knowsAccount: false).0)
    #expect(run.code == 0 && domain.writes.count == 2)
    #expect(run.output.contains("The rotator does not know the account"))
  }

  @Test("An account that neither the directory nor the rotator knows is refused")
  func unknown() async throws {
    #expect(try await run(FakeDomain(), daemon(knowsAccount: false).0).code == 66)
  }

  @Test("The JSON document has the state of every step")
  func json() async throws {
    let document = try await run(domain { $0.servicePrincipalNames = [] }, daemon().0, ["--yes", "--json"]).document
    let steps = document["steps"] as? [[String: Any]]
    #expect(steps?.compactMap { $0["state"] as? String } == ["already", "done", "done"])
    #expect(steps?.compactMap { $0["kind"] as? String } == ["servicePrincipalNames", "credentials", "account"])
  }
}

/// A list that several closures share.
private final class SharedList: Sendable {
  private let list = Mutex<[String]>([])

  var values: [String] { list.withLock { $0 } }

  func append(_ value: String) { list.withLock { $0.append(value) } }
}
