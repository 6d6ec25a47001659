import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
  @Suite("What happens to a store", .needsLab, .serialized)
  struct StoreDamageTests {
    /// What is done to the files of a stopped rotator, and how the daemon ends.
    struct Damage: Sendable {
      let name: String
      let exitCode: Int32
      let words: [String]
      let happen: @Sendable (LabCluster) async throws -> Void
    }

    private func layout(_ account: String, host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(account)", servicePrincipalNames: ["http/\(host).lab.example"], nodes: ["\(host)-1.lab.example"])
    }

    private static func edit(_ path: String, _ change: (inout Data) throws -> Void) throws {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      var bytes = try handle.readToEnd() ?? Data()
      try change(&bytes)
      try handle.truncate(atOffset: 0)
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: bytes)
      try handle.close()
    }

    private static func database(_ cluster: LabCluster) -> String { "\(cluster.directory)/store/rotator.db" }

    private static func flip(_ text: String, at offset: Int, in cluster: LabCluster) throws {
      try edit(database(cluster)) { bytes in
        let found = try #require(bytes.range(of: Data(text.utf8)))
        bytes[found.lowerBound + offset] ^= 1
      }
    }

    private static func sqlite(_ statement: String, in cluster: LabCluster) async throws {
      try await cluster.lab.run(
        "python3", "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()",
        database(cluster), statement)
    }

    private static let damages = [
      Damage(name: "truncated", exitCode: 65, words: ["is damaged"]) { cluster in
        try edit(database(cluster)) { $0 = $0.prefix($0.count / 2) }
      },
      Damage(name: "a bit of the first page header", exitCode: 65, words: ["is damaged"]) { cluster in
        try edit(database(cluster)) { $0[100 + 5] ^= 0x10 }
      },
      Damage(name: "a bit of a record", exitCode: 65, words: ["is damaged", "account record"]) { cluster in
        try flip("\"firstSeen\":", at: 3, in: cluster)
      },
      Damage(name: "a sealed secret", exitCode: 65, words: ["secrets of rotation", "do not open"]) { cluster in
        try await sqlite("UPDATE secret SET sealed = zeroblob(60) WHERE purpose = 'password'", in: cluster)
      },
      Damage(name: "a newer version", exitCode: 65, words: ["newer version (schema 99", "install that version"]) { cluster in
        try await sqlite("PRAGMA user_version = 99", in: cluster)
      },
      Damage(name: "another key", exitCode: 78, words: ["store.key", "is not the key"]) { cluster in
        try edit("\(cluster.directory)/store.key") { $0 = Data($0.reversed()) }
      },
      Damage(name: "readable by others", exitCode: 78, words: ["rotator.db", "accessible to others"]) { cluster in
        try await cluster.lab.run("chmod", "644", database(cluster))
      },
    ]

    private func store(_ cluster: LabCluster, _ arguments: String...) async throws -> LabFixture.CommandResult {
      try await cluster.run("asactl", ["store"] + arguments + ["--config", "\(cluster.directory)/rotator.yaml"])
    }

    private func serve(_ cluster: LabCluster) async throws {
      try await cluster.startRotator()
      try await cluster.waitUntilAttached(cluster.layout.nodes)
    }

    // MARK: Refusals

    @Test("Each kind of damage is refused in one line with its exit code, a check names it, and a restore mends it")
    func damaged() async throws {
      try await LabCluster.with(layout("STOREDAM$", host: "storedam")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let backup = "\(cluster.directory)/backup.db"
        let taken = try await store(cluster, "backup", backup)
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(try await store(cluster, "restore", backup, "--yes").status == 75)
        await cluster.stop("rotator")
        let sound = try await store(cluster, "check")
        #expect(sound.status == 0 && sound.output.contains("The store is sound"), "\(sound.output)\(sound.errors)")
        let key = try Data(contentsOf: URL(fileURLWithPath: "\(cluster.directory)/store.key"))

        for damage in Self.damages {
          try await damage.happen(cluster)
          let refused = try await cluster.run("asa-rotatord", ["--config", "\(cluster.directory)/rotator.yaml"])
          #expect(refused.status == damage.exitCode, "\(damage.name): \(refused.errors)")
          let lines = refused.errors.split(separator: "\n").filter { !$0.contains("Alarms start no unit") }
          #expect(lines.count == 1, "\(damage.name): \(refused.errors)")
          for word in damage.words { #expect(refused.errors.contains(word), "\(damage.name): \(refused.errors)") }
          let checked = try await store(cluster, "check")
          #expect(checked.status == damage.exitCode, "\(damage.name): \(checked.output)")
          #expect(checked.output.contains("CRITICAL"), "\(damage.name): \(checked.output)")
          try Self.edit("\(cluster.directory)/store.key") { $0 = key }
          let restored = try await store(cluster, "restore", backup, "--yes")
          #expect(restored.status == 0, "\(damage.name): \(restored.errors)")
        }
        try await serve(cluster)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        #expect(try await cluster.rotate().status == 0)
      }
    }

    @Test("On a read-only file system the daemon does not start and a check still works; written to again, it goes on")
    func readOnly() async throws {
      try await LabCluster.with(layout("STORERO$", host: "storero")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        await cluster.stop("rotator")
        let directory = "\(cluster.directory)/store"
        try await cluster.lab.run("mount", "--bind", directory, directory)
        try await cluster.lab.run("mount", "-o", "remount,ro,bind", directory)
        let refused = try await cluster.run("asa-rotatord", ["--config", "\(cluster.directory)/rotator.yaml"])
        let checked = try await store(cluster, "check")
        try await cluster.lab.run("umount", directory)
        #expect(refused.status == 73 && refused.errors.contains("Read-only file system"), "\(refused.errors)")
        #expect(checked.status == 74 && checked.output.contains("is read-only"), "\(checked.output)\(checked.errors)")
        #expect(checked.output.contains("open under the key"), "\(checked.output)")
        try await serve(cluster)
        #expect(try await cluster.rotate().status == 0)
      }
    }

    @Test("On a full disk nothing is lost and an alarm stands; with room again it ends by itself and rotations go on")
    func fullDisk() async throws {
      try await LabCluster.with(layout("STOREFULL$", host: "storefull")) { cluster in
        let directory = "\(cluster.directory)/store"
        try await cluster.lab.run("mkdir", "-m", "700", directory)
        try await cluster.lab.run("mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "store", directory)
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let before = try await cluster.directoryVersion()
        // Until nothing more goes on: dd ends with an error then.
        _ = try await cluster.lab.result(of: ["dd", "if=/dev/zero", "of=\(directory)/filler", "bs=4096"])
        let refused = try await cluster.asactl("rotate", "--yes")
        #expect(refused.status != 0)
        try await cluster.waitUntil("health says that the store refuses writes") {
          let health = try await cluster.asactl("health")
          return health.status == 2 && health.output.contains("store refuses writes")
        }
        #expect(try await cluster.directoryVersion() == before)
        #expect(try await store(cluster, "check").status == 74)
        try await cluster.lab.run("rm", "\(directory)/filler")
        try await cluster.waitUntil("health has forgotten it") {
          !(try await cluster.asactl("health").output.contains("store refuses writes"))
        }
        try await cluster.waitUntil("a rotation succeeds") { try await cluster.rotate().status == 0 }
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        let kinds =
          try await cluster.json("history", "--limit", "100")["records"]?.array?.compactMap { $0["kind"]?.string } ?? []
        #expect(kinds.contains("storeUnwritable") && kinds.contains("storeWritable"), "\(kinds)")
        let checked = try await store(cluster, "check")
        #expect(checked.status == 0, "\(checked.output)")
        await cluster.stop("rotator")
        try await cluster.lab.run("umount", directory)
      }
    }

    // MARK: The directory is ahead

    @Test("A deleted store begins anew, pushes nothing and says so everywhere; the old one put back goes on")
    func deleted() async throws {
      try await LabCluster.with(layout("STOREDEL$", host: "storedel")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        await cluster.stop("rotator")
        try await cluster.lab.run("mv", "\(cluster.directory)/store", "\(cluster.directory)/lost")
        try await expectSilence(of: cluster)
        await cluster.stop("rotator")
        try await cluster.lab.run("rm", "-r", "\(cluster.directory)/store")
        try await cluster.lab.run("mv", "\(cluster.directory)/lost", "\(cluster.directory)/store")
        try await serve(cluster)
        try await cluster.waitUntil("rotations go on") { try await cluster.rotate().status == 0 }
      }
    }

    @Test(
      "A store restored from before the last rotation pushes nothing and says so everywhere; the newer one put back goes on")
    func restoredOld() async throws {
      try await LabCluster.with(layout("STOREOLD$", host: "storeold")) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        let (old, new) = ("\(cluster.directory)/old.db", "\(cluster.directory)/new.db")
        #expect(try await store(cluster, "backup", old).status == 0)
        #expect(try await cluster.rotate().status == 0)
        #expect(try await store(cluster, "backup", new).status == 0)
        await cluster.stop("rotator")
        let restored = try await store(cluster, "restore", old, "--yes")
        #expect(restored.status == 0 && restored.output.contains("storeBehind"), "\(restored.errors)")
        try await expectSilence(of: cluster)
        await cluster.stop("rotator")
        #expect(try await store(cluster, "restore", new, "--yes").status == 0)
        try await serve(cluster)
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)
        try await cluster.waitUntil("rotations go on") { try await cluster.rotate().status == 0 }
      }
    }

    /// Starts the rotator and expects that it serves status, records storeBehind, and leaves directory and nodes alone.
    private func expectSilence(of cluster: LabCluster) async throws {
      let node = cluster.layout.nodes[0]
      let (version, keytab) = (try await cluster.directoryVersion(), URL(fileURLWithPath: cluster.keytab(of: node)))
      let (entries, slots) = (try Data(contentsOf: keytab), try slotFile(of: node, in: cluster))
      #expect(slots.count >= 6)
      try await serve(cluster)
      try await cluster.waitUntil("it says that the store is behind") {
        let records = try await cluster.json("history", "--limit", "100")["records"]?.array ?? []
        return records.last { $0["kind"]?.string == "storeBehind" } != nil
      }
      let rotation = try await cluster.asactl("rotate", "--yes")
      #expect(rotation.status != 0)
      let health = try await cluster.asactl("health")
      #expect(health.status == 2 && health.output.contains("nothing is pushed"), "\(health.output)")
      #expect(try await cluster.asactl("status").output.contains("Nothing is pushed"))
      let journal = try String(contentsOfFile: cluster.lab.journal, encoding: .utf8).split(separator: "\n")
      let name = String(cluster.layout.account.split(separator: "\\").last ?? "")
      #expect(journal.contains { $0.contains("44db6652a48342d68d714be6a774f145") && $0.contains(name) })
      #expect(try await cluster.directoryVersion() == version)
      #expect(try Data(contentsOf: keytab) == entries)
      #expect(try slotFile(of: node, in: cluster) == slots)
      let tickets = try await cluster.clientTickets("silent")
      #expect(try await cluster.accepts(node, tickets: tickets))
    }

    /// What the node's slot file says of each slot; under another store's secret only the keys' names are others.
    private func slotFile(of node: String, in cluster: LabCluster) throws -> [Substring] {
      let contents = try Data(contentsOf: URL(fileURLWithPath: "\(cluster.directory)/\(node)/state/slots/accounts.slots"))
      let lines = String(decoding: contents, as: UTF8.self).split(separator: "\n")
      return lines.filter { line in ["position", "rotation", "version"].contains { line.contains("\"\($0)\" :") } }
    }
  }
}
