import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("What the administrator had, on one installation", .needsLab, .serialized, OnParitySite(), .timeLimit(.minutes(3)))
  struct ParityTests {
    private var site: ParitySite { get throws { try #require(ParitySite.current) } }
    private var cluster: LabCluster { get throws { try site.cluster } }

    // MARK: - What was run

    @Test(
      "The attended question and -Confirm: the plan is shown first, no changes nothing, yes rotates; without a terminal it takes --yes"
    )
    func question() async throws {
      let (site, cluster) = (try site, try cluster)
      let before = try await site.version()
      let line = "\(LabCluster.programs)/asactl rotate --socket-directory \(cluster.directory)/run"
      let unattended = try await cluster.asactl("rotate")
      #expect(unattended.status == 64 && unattended.errors.contains("give --yes"), "\(unattended)")

      let refused = try await cluster.lab.atTerminal(line, answers: "no\n")
      #expect(refused.status == 1 && refused.output.contains("Nothing was changed."), "\(refused)")
      let question = try #require(refused.output.firstRange(of: "Rotate the password of \(cluster.layout.account) now? [y/N]"))
      #expect(refused.output[..<question.lowerBound].contains("\(before) -> \(before + 1)"))
      #expect(try await site.version() == before)

      let agreed = try await cluster.lab.atTerminal(line, answers: "yes\n")
      #expect(agreed.status == 0, "\(agreed)")
      #expect(try await site.version() == before + 1)
      try await site.expectAccepted(before + 1)
    }

    @Test("-WhatIf has a control: what dry runs are compared by finds everything that a rotation changes")
    func comparison() async throws {
      let before = try await cluster.settledInventory()
      #expect(try await cluster.rotate().status == 0)
      let differences = try await cluster.settledInventory().differences(from: before)
      #expect(differences.contains { $0.contains("unicodePwd") }, "\(differences)")
      for node in try site.nodes {
        #expect(differences.contains("file \(node)/keytabs/http.keytab"))
        #expect(differences.contains("file \(node)/state/slots/accounts.slots"))
      }
      for table in ["account", "history", "plan", "secret"] {
        #expect(differences.contains { $0.contains("INSERT INTO \"\(table)\"") }, "\(table)")
      }
    }

    @Test(
      "Events 14001 to 14004 and exit code 0 or 1: a record of the begin, of a success, of one with a node left out, of a failure"
    )
    func events() async throws {
      let (site, cluster) = (try site, try cluster)
      let (before, mark) = (try await site.version(), try site.journal().count)
      let away = site.nodes[2]
      var codes = [try await cluster.rotate().status]
      await cluster.stop(away)
      codes.append(try await cluster.rotate().status)
      try await site.expectAccepted(before + 2, by: Array(site.nodes.prefix(2)))
      #expect(try await !cluster.versions(in: away).contains(before + 2))
      try await cluster.startAgent(away)
      try await cluster.waitUntil("\(away) has caught up") { try await cluster.versions(in: away).contains(before + 2) }
      try await cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4226")
      codes.append(try await cluster.rotate().status)
      try await cluster.changeAccount("replace: userAccountControl", "userAccountControl: 4224")

      #expect(codes == [0, 0, 66])
      #expect(try await site.version() == before + 2)
      let subjects = try Self.catalog()
      let told = try site.journal().dropFirst(mark).compactMap { subjects[$0.identifier] }.filter { $0.contains("otat") }
      let (begin, success) = ("A rotation of @ASA_ACCOUNT@ began", "The password of @ASA_ACCOUNT@ was rotated")
      let partly = success + ", but a node or a domain controller is behind"
      #expect(told == [begin, success, begin, partly, begin, "The rotation of @ASA_ACCOUNT@ failed"])
    }

    /// The subject that the message catalog has for each MESSAGE_ID.
    private static func catalog() throws -> [String: String] {
      let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { path, _ in path.deletingLastPathComponent() }
      let text = try String(contentsOf: root.appendingPathComponent("systemd/asa-rotator.catalog"), encoding: .utf8)
      let entries = text.matches(of: /-- ([0-9a-f]{32})\nSubject: ([^\n]*)\n/).map {
        (String($0.output.1), String($0.output.2))
      }
      return Dictionary(entries, uniquingKeysWith: { first, _ in first })
    }

    @Test(
      "A log file on the machine that ran it: the history is the rotator's, whoever rotated, and is still there after a restart"
    )
    func history() async throws {
      let cluster = try cluster
      #expect(try await cluster.rotate().status == 0)
      let version = try await site.version()
      let before = try await cluster.json("history", "--limit", "100")["records"]?.array ?? []
      await cluster.stop("rotator")
      try await cluster.startRotator()
      try await cluster.waitUntilAttached(cluster.layout.nodes)
      let after = try await cluster.json("history", "--limit", "100")["records"]?.array ?? []
      let messages = { (records: [JSONValue]) in records.compactMap { $0["message"]?.string } }
      #expect(messages(after).starts(with: messages(before)))
      let ended = before.last { $0["kind"]?.string == "rotationSucceeded" }
      #expect(ended?["version"]?.number == Double(version))
      #expect(try site.journal().contains { $0.message == ended?["message"]?.string })
    }

    // MARK: - How it was done

    @Test("A password of 73 characters from two GUIDs: 120 and more, all four classes, and another one each time")
    func passwords() async throws {
      var passwords: [String] = []
      for _ in 1...2 {
        #expect(try await cluster.rotate().status == 0)
        passwords.append(try await site.password())
      }
      #expect(Set(passwords).count == 2)
      for password in passwords {
        #expect(password.count >= 120)
        for members in [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/] { #expect(password.contains(members)) }
      }
    }

    @Test(
      "Pushed first, then set in the directory: every node holds the next key before the kvno moves, and accepts the old tickets still"
    )
    func pushedFirst() async throws {
      let (site, cluster) = (try site, try cluster)
      let before = try await site.version()
      let old = try await cluster.clientTickets("old")
      try await cluster.holdRotation()
      let staged = try await site.version()
      for node in site.nodes {
        #expect(try await cluster.versions(in: node).isSuperset(of: [before, before + 1]), "\(node)")
        #expect(try await cluster.accepts(node, tickets: old), "\(node)")
      }
      try await cluster.letRotationEnd()
      #expect(staged == before)
      #expect(try await site.version() == before + 1)
      try await site.expectAccepted(before + 1)
      for node in site.nodes { #expect(try await cluster.accepts(node, tickets: old), "\(node)") }
    }

    // The last one: it puts the rotator's clock forward.
    @Test("-Unattended and -CreateScheduledTask: what is due is rotated by the daemon, with nobody signed on and nothing asked")
    func scheduled() async throws {
      let (site, cluster) = (try site, try cluster)
      let before = try await site.version()
      let due = try #require(try await cluster.json("status")["accounts"]?[0]?["nextDue"]?.string)
      let date = try Date(due, strategy: .iso8601)
      try await cluster.movePolicyClock(.wall, .boot, by: Int(date.timeIntervalSinceNow) + 2)
      try await cluster.waitUntil("it has rotated by itself") { try await site.version() == before + 1 }
      try await cluster.waitUntil("the rotation has ended") { await cluster.phase() == "idle" }
      try await site.expectAccepted(before + 1)
      #expect(try site.journal().contains { $0.message.hasPrefix("A scheduled rotation of ") })
    }
  }
}
