import ChildProcesses
import Foundation
import RotationTestSupport
import Testing

extension EndToEnd {
  @Suite("Secrets", .needsLab, .serialized)
  struct LeakTests {
    @Test("After two rotations keys and password are found in the keytabs and the slot files, and nowhere else")
    func nothingLeaks() async throws {
      let layout = LabCluster.Layout(
        account: "LAB\\LEAK$", servicePrincipalNames: ["http/leak.lab.example"],
        nodes: ["leak-1.lab.example", "leak-2.lab.example"], logLevel: "trace")
      try await LabCluster.with(layout, accountOptions: ["--reversible"]) { cluster in
        try await cluster.startAll()
        for _ in 1...2 { #expect(try await cluster.rotate().status == 0) }
        let search = SecretSearch(try await secrets(of: cluster))
        var places = try SearchPlace.files(below: cluster.directory)
        places += try SearchPlace.processes(await cluster.processIdentifiers())
        places.append(try SearchPlace(file: cluster.lab.journal))
        let found = places.filter { search.finds(in: $0.bytes) }.map(\.name)
        let permitted = Set(found.filter { $0.hasSuffix(".keytab") || $0.contains("/slots") })
        #expect(found.filter { !permitted.contains($0) } == [])
        // The control: the search does find the secrets where they belong.
        for node in layout.nodes {
          #expect(found.contains(cluster.keytab(of: node)))
          #expect(found.contains { $0.hasPrefix("\(cluster.directory)/\(node)/state") })
        }
        try expectPrivate(permitted)
      }
    }

    @Test("The search finds a planted secret in every encoding")
    func searchCanFind() {
      let secret = Array("Correct-Horse-Battery-Staple-0123456789".utf8)
      let search = SecretSearch([secret])
      for needle in SecretSearch.encodings(of: secret) {
        #expect(search.finds(in: Array("before ".utf8) + needle + Array(" after".utf8)))
      }
      #expect(!search.finds(in: Array("nothing of the kind".utf8)))
    }

    private func expectPrivate(_ paths: Set<String>) throws {
      for path in paths {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0o777
        #expect(mode & (path.contains("/slots") ? 0o077 : 0o007) == 0, "\(path)")
      }
    }

    /// The keys that klist shows in the keytabs, and the password as the domain controller gives it back.
    private func secrets(of cluster: LabCluster) async throws -> [[UInt8]] {
      var secrets: [[UInt8]] = []
      for node in cluster.layout.nodes {
        let listing = try await cluster.lab.run("klist", "-ekKt", cluster.keytab(of: node))
        secrets += listing.matches(of: /\(0x([0-9a-f]+)\)/).compactMap { bytes(ofHex: String($0.output.1)) }
      }
      let password = try await cluster.lab.run(
        "samba-tool", "user", "getpassword", "LEAK$", "--attributes=virtualClearTextUTF8", "-s",
        "\(cluster.lab.state)/dc1/etc/smb.conf", "-H", "\(cluster.lab.state)/dc1/private/sam.ldb")
      let line = try #require(password.split(separator: "\n").first { $0.hasPrefix("virtualClearTextUTF8:") })
      secrets.append(Array(line.drop { $0 != " " }.dropFirst().utf8))
      #expect(secrets.count >= 5)
      return secrets
    }

    private func bytes(ofHex text: String) -> [UInt8]? {
      guard text.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      var rest = Substring(text)
      while let pair = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 {
        bytes.append(pair)
        rest = rest.dropFirst(2)
      }
      return bytes
    }
  }
}
