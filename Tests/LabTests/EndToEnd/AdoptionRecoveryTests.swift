import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("A store that is lost or behind", .needsLab, .serialized)
  struct AdoptionRecoveryTests {
    private func layout(_ account: String, host: String, nodes: Int = 3) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example", "http/auto-\(host).lab.example"],
        nodes: (1...nodes).map { "\(host)-\($0).lab.example" }, policy: "every: 30d, require: 2")
    }

    private func loseStore(_ cluster: LabCluster) async throws {
      await cluster.stop("rotator")
      try FileManager.default.removeItem(atPath: "\(cluster.directory)/store")
      try await cluster.startRotator()
      try await cluster.waitUntilAttached(cluster.layout.nodes)
    }

    @Test(
      "Deleted: the keys are adopted from a node, every node accepts before and after the next rotation, and so do old tickets")
    func deleted() async throws {
      try await LabCluster.with(layout("ADOPTA$", host: "adopta")) { cluster in
        try await cluster.startAll()
        var tickets = [try await cluster.clientTickets("first")]
        for round in 1...2 {
          #expect(try await cluster.rotate().status == 0)
          tickets.append(try await cluster.clientTickets("round-\(round)"))
        }
        let before = try await cluster.directoryVersion()
        try await loseStore(cluster)
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status != 0 && refused.errors.contains("asactl credential adopt --from NODE"), "\(refused.errors)")
        let node = cluster.layout.nodes[0]
        let plan = try await cluster.json("credential", "adopt", "--from", node, "--dry-run")
        let adopted = try await cluster.json("credential", "adopt", "--from", node)
        #expect(adopted["slots"]?.array?.compactMap { $0["worth"]?.string } == ["latest", "retiring", "retiring"])
        #expect(plan["slots"]?.array?.count == 3 && plan["dryRun"]?.boolean == true)
        #expect(adopted["slots"]?[0]?["version"]?.number.map { Int($0) } == before)
        #expect(adopted["refused"]?.array?.isEmpty == true, "\(adopted)")
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        #expect(try await cluster.slots(of: node)["latest"] == before)
        let rotation = try await cluster.rotate()
        #expect(rotation.status == 0 && rotation.ended["outcome"]?.string == "succeeded", "\(rotation.errors)")
        #expect(try await cluster.directoryVersion() == before + 1)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        for node in cluster.layout.nodes {
          for cache in tickets { #expect(try await cluster.accepts(node, tickets: cache), "\(node) \(cache)") }
        }
        #expect(try await cluster.rotate().status == 0)
      }
    }

    @Test("An old key that a node presents as Latest, and one that it alone has, are refused by node, kvno and rotation")
    func planted() async throws {
      try await LabCluster.with(layout("ADOPTB$", host: "adoptb")) { cluster in
        try await cluster.startAll()
        let (liar, good) = (cluster.layout.nodes[1], cluster.layout.nodes[0])
        let place = "\(cluster.directory)/\(liar)"
        #expect(try await cluster.rotate().status == 0)
        let old = try await cluster.directoryVersion()
        await cluster.stop(liar)
        try await cluster.lab.run("cp", "-a", place, "\(place).old")
        try await cluster.startAgent(liar)
        try await cluster.waitUntilAttached([liar])
        #expect(try await cluster.rotate().status == 0)
        await cluster.stop(liar)
        try await cluster.lab.run("rm", "-rf", place)
        try await cluster.lab.run("mv", "\(place).old", place)
        try await cluster.startAgent(liar)
        // The third one has that key in a keytab alone, as if somebody had put it there.
        let third = cluster.layout.nodes[2]
        await cluster.stop(third)
        try await cluster.lab.run("rm", "-rf", "\(cluster.directory)/\(third)/state/slots")
        try await cluster.lab.run("cp", "\(place)/keytabs/http.keytab", cluster.keytab(of: third))
        try await cluster.startAgent(third)
        try await loseStore(cluster)
        let refused = try await cluster.asactl("credential", "adopt", "--from", liar)
        #expect(refused.status == 65, "\(refused.errors)")
        #expect(refused.errors.contains(liar) && refused.errors.contains("kvno \(old)"), "\(refused.errors)")
        let adopted = try await cluster.json("credential", "adopt", "--from", good)
        #expect(adopted["slots"]?[0]?["version"]?.number.map { Int($0) } == old + 1)
        let names = adopted["refused"]?.array?.compactMap { refusal in
          refusal["node"]?.string == third ? refusal["rotation"]?.string : nil
        }
        #expect(names?.contains("adopted-\(old)") == true, "\(adopted)")
        // Whoever lacks Latest is named and has to be given it, or is passed by.
        #expect(adopted["warnings"]?.array?.compactMap(\.string).contains { $0.contains(liar) } == true, "\(adopted)")
      }
    }

    @Test("Restored from before the last rotation: nothing is pushed, the newer key is adopted, its own older one is kept")
    func restored() async throws {
      try await LabCluster.with(layout("ADOPTC$", host: "adoptc", nodes: 2)) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        await cluster.stop("rotator")
        try await cluster.lab.run("cp", "-a", "\(cluster.directory)/store", "\(cluster.directory)/backup")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        let old = try await cluster.clientTickets("old")
        #expect(try await cluster.rotate().status == 0)
        await cluster.stop("rotator")
        try await cluster.lab.run("rm", "-rf", "\(cluster.directory)/store")
        try await cluster.lab.run("mv", "\(cluster.directory)/backup", "\(cluster.directory)/store")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(cluster.layout.nodes)
        let behind = try await cluster.asactl("rotate", "--yes", "--take-over")
        #expect(behind.errors.contains("storeBehind") && behind.errors.contains("credential adopt"), "\(behind.errors)")
        let adopted = try await cluster.json("credential", "adopt", "--from", cluster.layout.nodes[1])
        #expect(adopted["slots"]?.array?.count == 1, "\(adopted)")
        #expect(try await cluster.rotate().status == 0)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        for node in cluster.layout.nodes { #expect(try await cluster.accepts(node, tickets: old)) }
      }
    }
  }

  @Suite("Taking an account over", .needsLab, .serialized)
  struct TakeoverTests {
    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: (1...2).map { "\(host)-\($0).lab.example" })
    }

    private func stamp(_ cluster: LabCluster, _ object: String, _ value: String) async throws {
      try await cluster.lab.run(
        "ldbmodify", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb",
        input:
          "dn: CN=\(object),CN=Computers,DC=lab,DC=example\nchangetype: modify\nreplace: adminDescription\nadminDescription: \(value)\n"
      )
    }

    @Test("Another rotator's claim: refused without the word, taken over with it, and not a second time within ten minutes")
    func another() async throws {
      try await LabCluster.with(layout("TAKEA$", host: "takea")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        try await stamp(cluster, "TAKEA", "asa1;1.50;\(UUID().uuidString.lowercased());claimed;other-rotator")
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status == 75 && refused.errors.contains("asactl rotate --take-over"), "\(refused.errors)")
        let taken = try await cluster.asactl("rotate", "--yes", "--take-over")
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(try await cluster.directoryVersion() == before + 1)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        let history = try await cluster.json("history")["records"]?.array ?? []
        #expect(
          history.contains {
            $0["kind"]?.string == "accountTakenOver" && $0["message"]?.string?.contains("other-rotator") == true
          })
        try await stamp(cluster, "TAKEA", "asa1;1.90;\(UUID().uuidString.lowercased());claimed;other-rotator")
        let again = try await cluster.asactl("rotate", "--yes", "--take-over")
        #expect(again.status == 75 && again.errors.contains("can be taken over again"), "\(again.errors)")
      }
    }

    @Test("A claimant killed before its password write: an older copy of its store takes over, and what it staged gives way")
    func killedAfterStaging() async throws {
      var layout = layout("TAKEB$", host: "takeb")
      layout.hasFaultHooks = true
      try await LabCluster.with(layout) { [layout] cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        let old = try await cluster.clientTickets("old")
        await cluster.stop("rotator")
        try await cluster.lab.run("cp", "-a", "\(cluster.directory)/store", "\(cluster.directory)/copy")
        try cluster.setHook("kill-at", of: "rotator", to: "before:commit")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(layout.nodes)
        #expect(try await cluster.asactl("rotate", "--yes").status != 0)
        await cluster.stop("rotator")
        for node in layout.nodes {
          #expect(try await cluster.entries(of: node).contains { $0.version == before + 1 }, "\(node) has staged nothing")
        }
        try await cluster.lab.run("rm", "-rf", "\(cluster.directory)/store")
        try await cluster.lab.run("mv", "\(cluster.directory)/copy", "\(cluster.directory)/store")
        try await cluster.startRotator()
        try await cluster.waitUntilAttached(layout.nodes)
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.errors.contains("asactl rotate --take-over"), "\(refused.errors)")
        let taken = try await cluster.asactl("rotate", "--yes", "--take-over")
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(try await cluster.directoryVersion() == before + 1)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        for node in layout.nodes { #expect(try await cluster.accepts(node, tickets: old)) }
      }
    }
  }
}
