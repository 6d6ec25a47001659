import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("A new account, from nothing", .needsLab, .serialized, .timeLimit(.minutes(2)))
  struct NewAccountTests {
    private let layout = LabCluster.Layout(
      account: "LAB\\NEWMAILASA$", servicePrincipalNames: ["http/newmail.lab.example", "http/newauto.lab.example"],
      nodes: (1...2).map { "newmail-\($0).lab.example" })

    @Test("The README's commands, six at most: nothing else is done in the directory, and clients are accepted on every node")
    func readme() async throws {
      let commands = try Self.commands()
      #expect(commands.count <= 6 && commands.first?.hasPrefix("asactl account create ") == true, "\(commands)")
      let administrator = try await LabAdministrator.signedOn()
      try await LabCluster.with(layout, prepare: prepare) { cluster in
        for node in layout.nodes { try await cluster.startAgent(node) }
        for command in commands { try await run(command, as: administrator, in: cluster) }

        let entry = try await administrator.entry(
          cluster.accountName, "msDS-KeyVersionNumber", "msDS-SupportedEncryptionTypes", "adminDescription")
        #expect(entry["msDS-KeyVersionNumber"] == ["2"] && entry["msDS-SupportedEncryptionTypes"] == ["24"])
        #expect(entry["adminDescription"]?.first?.contains(";done;") == true)
        #expect(try await administrator.names(of: cluster.accountName) == layout.servicePrincipalNames.sorted())
        let rotator = try await administrator.identifier(of: "svc-asa-rotator")
        let rights = try await administrator.permissions(of: try #require(entry["dn"]?.first)).filter { $0.contains(rotator) }
        #expect(rights.count == 2, "\(rights)")
        let tickets = try await cluster.clientTickets("client")
        for node in layout.nodes {
          #expect(try await cluster.accepts(node, tickets: tickets))
          #expect(try await cluster.versions(in: node) == [2])
        }
      }
    }

    /// Everything but the account: the rotator's own one has been made by hand.
    private func prepare(_ cluster: LabCluster) async throws {
      try await cluster.lab.run("export-keytab", "svc-asa-rotator", "\(cluster.directory)/rotator.keytab")
      try await cluster.makeCertificates()
      try cluster.writeRotatorConfiguration()
      for node in layout.nodes {
        try FileManager.default.createDirectory(
          atPath: "\(cluster.directory)/\(node)/keytabs", withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
        try cluster.writeAgentConfiguration(node)
      }
    }

    /// The lines of the README's code block, as they are but for the names in them.
    private static func commands() throws -> [String] {
      let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { path, _ in path.deletingLastPathComponent() }
      let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
      let section = try #require(text.firstRange(of: "### A new account, from nothing\n").map { text[$0.upperBound...] })
      let lines = section.split(separator: "\n", omittingEmptySubsequences: false)
      let block = lines.drop { !$0.hasPrefix("    ") }.prefix { $0.hasPrefix("    ") }
      return block.map { line in
        String(line.trimmingPrefix { $0 == " " }).replacing("EXCH2016ASA", with: "NEWMAILASA")
          .replacing("mail.lab.example", with: "newmail.lab.example").replacing("autodiscover.", with: "newauto.")
      }
    }

    /// Runs a line at a terminal of the rotator's host, where the configuration is in its usual place, and answers each question with yes.
    private func run(_ command: String, as administrator: LabAdministrator, in cluster: LabCluster) async throws {
      guard !command.hasPrefix("systemctl start asa-rotatord") else {
        try await cluster.startRotator()
        return try await cluster.waitUntilAttached(layout.nodes)
      }
      let usualPlaces = """
        mkdir -p /etc/asa-rotator /run/asa-rotator && mount --bind "$0" /etc/asa-rotator && PATH="$1:$PATH"
        if [ -d "$0/run" ]; then mount --bind "$0/run" /run/asa-rotator; fi
        exec script --quiet --return --command "$2" /dev/null
        """
      try await administrator.run(
        "unshare", "--mount", "sh", "-c", usualPlaces, cluster.directory, LabCluster.programs, command, input: "yes\n")
    }
  }
}
