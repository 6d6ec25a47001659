import ControlCommands
import ControlProtocol
import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

@Suite("asactl credential show, copy, remove and prune")
struct CredentialUpkeepTests {
  private static let node = "cas-3.lab.example"

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  // MARK: - show

  @Test("The slots of a node are shown account by account, with the rotation that made each")
  func shows() async throws {
    var daemon = FakeDaemon()
    daemon.status = { request in
      #expect(request.node == "cas-1.lab.example")
      return Sample.status([Sample.healthyNode])
    }
    let run = try await daemon.listening {
      await CommandRun.run(["credential", "show", "cas-1.lab.example", "--socket-directory", $0])
    }
    let types = Sample.types.joined(separator: " ")
    #expect(
      run.output == """
        LAB\\EXCH2016ASA$ on cas-1.lab.example
          attached, up to date
          Latest: 2026-11-20 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 5  \(types)  rotation rotation-5
          Previous: 2026-10-22 17:00:00+01:00, LAB\\EXCH2016ASA$  kvno 4  \(types)  rotation rotation-4
          Keytabs: /etc/krb5.keytab

        """)
  }

  @Test("Its JSON document has every field")
  func showsJSON() async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.healthyNode]) }
    let run = try await daemon.listening {
      await CommandRun.run(["credential", "show", "cas-1.lab.example", "--json", "--socket-directory", $0])
    }
    let account = try #require((try json(run.output)["accounts"] as? [[String: Any]])?.first)
    #expect(Set(account.keys) == ["account", "connection", "behind", "removedAt", "fault", "keytabs", "slots"])
    #expect(account["removedAt"] is NSNull && (account["slots"] as? [Any])?.count == 2)
  }

  // MARK: - copy

  private func copying(_ check: @escaping @Sendable (Asa_Control_V1_CopyCredentialRequest) -> Void = { _ in }) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.copy = { request, writer in
      check(request)
      let nodes = ["cas-2.lab.example", Self.node]
      try await writer.write(
        .with {
          $0.begun.targets = nodes.map { node in
            .with {
              $0.account = Sample.account
              $0.node = node
            }
          }
        })
      guard !request.dryRun else { return try await writer.write(.with { $0.ended = .init() }) }
      try await writer.write(
        .with {
          $0.node.account = Sample.account
          $0.node.node = nodes[0]
          $0.node.slots = [Sample.slot("latest", kvno: 6, set: 0), Sample.slot("previous", kvno: 5, set: -86400)]
        })
      try await writer.write(
        .with {
          $0.node.account = Sample.account
          $0.node.node = nodes[1]
          $0.node.fault = Sample.fault("unavailable")
        })
      try await writer.write(
        .with {
          $0.ended.confirmed = 1
          $0.ended.failed = 1
        })
    }
    return daemon
  }

  @Test("Each node is told of as it answers; one that has not confirmed makes it exit with 69")
  func copies() async throws {
    let daemon = copying { request in
      #expect(request.from == "cas-1.lab.example" && request.to.nodes == ["cas-2*", "cas-3*"] && request.account.isEmpty)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["credential", "copy", "--from", "cas-1.lab.example", "--to", "cas-2*", "CAS-3*", "--socket-directory", $0])
    }
    #expect(run.code == 69)
    #expect(
      run.output == """
        cas-2.lab.example, LAB\\EXCH2016ASA$: holds kvno 6 (latest), kvno 5 (previous)
        cas-3.lab.example, LAB\\EXCH2016ASA$: node cas-3.lab.example: is not attached; start asa-agentd there
        1 of 2 confirmed.

        """)
    #expect(run.errors.isEmpty)
  }

  @Test("Its JSON document has every field")
  func copiesJSON() async throws {
    let run = try await copying().listening {
      await CommandRun.run(["credential", "copy", "--to-entire-forest", "--json", "--socket-directory", $0])
    }
    #expect(run.code == 69)
    let document = try json(run.output)
    #expect(Set(document.keys) == ["from", "dryRun", "nodes", "confirmed", "failed"])
    #expect(document["confirmed"] as? Int == 1 && document["from"] is NSNull)
    let node = try #require((document["nodes"] as? [[String: Any]])?.last)
    #expect(node["confirmed"] as? Bool == false && (node["fault"] as? [String: Any])?["kind"] as? String == "unavailable")
  }

  @Test("A dry run names the nodes")
  func copiesNothing() async throws {
    let run = try await copying().listening {
      await CommandRun.run(["credential", "copy", "--to-array-members", "mail", "--dry-run", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("cas-2.lab.example, LAB\\EXCH2016ASA$: would be told\n"))
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
  }

  @Test("A refusal exits with its code, and an end that never comes is no success")
  func copyRefused() async throws {
    var daemon = FakeDaemon()
    daemon.copy = { _, writer in try await writer.write(.with { $0.fault = Sample.fault("data") }) }
    let run = try await daemon.listening {
      await CommandRun.run(["credential", "copy", "--to", "cas-2", "--socket-directory", $0])
    }
    #expect(run.code == 65)
    daemon.copy = { _, _ in }
    let cut = try await daemon.listening {
      await CommandRun.run(["credential", "copy", "--to", "cas-2", "--socket-directory", $0])
    }
    #expect(cut.code == 69 && cut.errors.contains("before all nodes had answered"))
  }

  @Test(
    "Without a destination, or with two kinds of it, it is wrong usage",
    arguments: [[], ["--to", "cas-1", "--to-entire-forest"], ["--to", "not a node"]])
  func noDestination(_ options: [String]) async {
    #expect(await CommandRun.run(["credential", "copy"] + options).code == 64)
  }

  // MARK: - remove

  private func removing() -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.remove = { request in
      .with {
        $0.removed = [
          .with {
            $0.account = Sample.account
            $0.node = request.all ? "cas-1.lab.example" : Self.node
            $0.versions = [6, 5]
            $0.lostVersions = [5]
          }
        ]
        $0.warnings = ["cas-3.lab.example leaves service"]
      }
    }
    return daemon
  }

  @Test("What is destroyed and who is refused is shown before the question")
  func asksBeforeRemoval() async throws {
    let run = try await removing().listening {
      await CommandRun.run(
        ["credential", "remove", Self.node, "--socket-directory", $0], recorder: RecordedTerminal(answers: ["yes"]),
        isInteractive: true)
    }
    #expect(run.code == 0)
    #expect(run.questions == ["Destroy these keys now? [y/N] "])
    #expect(
      run.output.hasPrefix(
        """
        cas-3.lab.example, LAB\\EXCH2016ASA$: the keys of kvno 6, 5
        Warning: cas-3.lab.example leaves service
        cas-3.lab.example holds no key of LAB\\EXCH2016ASA$ any more; destroyed: the keys of kvno 6, 5

        """))
  }

  @Test("Whoever does not say yes destroys nothing")
  func declinesRemoval() async throws {
    var daemon = removing()
    let answer = daemon.remove
    daemon.remove = { request in
      #expect(request.dryRun)
      return try answer(request)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["credential", "remove", "--all", "--socket-directory", $0], recorder: RecordedTerminal(answers: ["n"]),
        isInteractive: true)
    }
    #expect(run.code == 1)
    #expect(run.questions == ["Destroy these keys now, and have every client refused? [y/N] "])
  }

  @Test("A dry run asks nothing; its JSON document has every field")
  func removesNothing() async throws {
    var daemon = removing()
    let answer = daemon.remove
    daemon.remove = { request in
      #expect(request.dryRun && request.nodes == ["cas-*"] && request.account == Sample.account)
      return try answer(request)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["credential", "remove", "CAS-*", "--account", Sample.account, "--dry-run", "--json", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    let document = try json(run.output)
    #expect(Set(document.keys) == ["dryRun", "removed", "warnings"] && document["dryRun"] as? Bool == true)
    let removed = try #require((document["removed"] as? [[String: Any]])?.first)
    #expect(Set(removed.keys) == ["account", "node", "versions", "lostVersions"])
  }

  @Test(
    "Without a terminal it needs --yes; it needs nodes or --all, and not both",
    arguments: [["cas-1"], [], ["cas-1", "--all", "--yes"]])
  func wrongRemoval(_ options: [String]) async {
    #expect(await CommandRun.run(["credential", "remove"] + options).code == 64)
  }

  // MARK: - prune

  private func pruning() -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.prune = { _ in
      .with {
        $0.accounts = [
          .with {
            $0.account = Sample.account
            $0.keys = [
              Sample.pruned(6, "domain controllers issue tickets under it"),
              Sample.pruned(5, "tickets under it may be alive") { $0.until = Sample.time(36_300) },
              Sample.pruned(4, "no ticket under it can be alive") { $0.destroyedAt = Sample.time(0) },
            ]
            $0.away = [Self.node]
          }
        ]
      }
    }
    return daemon
  }

  @Test("It says what was destroyed, what stays, until when and why")
  func prunes() async throws {
    let run = try await pruning().listening { await CommandRun.run(["credential", "prune", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(
      run.output == """
        LAB\\EXCH2016ASA$: 1 key was destroyed
          kvno 6  stays: domain controllers issue tickets under it
          kvno 5  stays until 2026-11-22 03:05:00+01:00 (in 10 hours): tickets under it may be alive
          kvno 4  destroyed 2026-11-21 17:00:00+01:00: no ticket under it can be alive
          cas-3.lab.example is away and destroys them when it is back

        """)
  }

  @Test("A dry run says what would be; its JSON document has every field")
  func prunesNothing() async throws {
    let run = try await pruning().listening {
      await CommandRun.run(["credential", "prune", "--dry-run", "--socket-directory", $0])
    }
    #expect(run.output.contains("1 key would be destroyed\n") && run.output.contains("kvno 4  would be destroyed: no ticket"))
    #expect(run.output.hasSuffix("Nothing was changed.\n"))
    let printed = try await pruning().listening {
      await CommandRun.run(["credential", "prune", "--dry-run", "--json", "--socket-directory", $0])
    }
    let document = try json(printed.output)
    #expect(Set(document.keys) == ["dryRun", "accounts"])
    let key = try #require(((document["accounts"] as? [[String: Any]])?.first?["keys"] as? [[String: Any]])?.last)
    #expect(Set(key.keys) == ["version", "rotation", "destroyedAt", "until", "reason"])
  }
}
