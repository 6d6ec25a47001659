import ChildProcesses
import Foundation
import Testing

extension Replication {
  @Suite("asactl verify --http against the nodes' Apaches", .serialized, .timeLimit(.minutes(5)))
  struct WebVerificationTests {
    private static let securePort = 8443
    private let layout = LabCluster.Layout(
      account: "LAB\\WEBV$", servicePrincipalNames: ["http/webv.lab.example"],
      nodes: ["webv-1.lab.example", "webv-2.lab.example"], hasBothControllers: true)

    @Test(
      "Every Apache accepts tickets of every controller and proves the key; one with an old keytab, and one that asks nobody, are named"
    )
    func servers() async throws {
      try await LabCluster.with(layout) { cluster in
        let service = SharedService(cluster: cluster)
        try await prepare(service)
        try await cluster.startAll()
        for node in service.nodes { try await service.start(node) }
        let old = try await copyKeytab(of: service.nodes[1], in: cluster)
        #expect(try await cluster.rotate().status == 0)
        let version = try await cluster.directoryVersion()

        try await everyServerAccepts(service, version)
        try await tlsIsChecked(service)

        try await reconfigure(service.nodes[1], of: service) { $0.replacing(cluster.keytab(of: service.nodes[1]), with: old) }
        let withOldKeytab = try await verify(service)
        #expect(verdicts(withOldKeytab) == ["accepted", "refused"])
        #expect(withOldKeytab.document["verdicts"]?[1]?["position"]?.string == "latest")
        #expect(try await cluster.json("verify")["allAccepted"]?.boolean == true)

        try await reconfigure(service.nodes[0], of: service) {
          $0.replacing("AuthType GSSAPI", with: "AuthType None").replacing("Require valid-user", with: "Require all granted")
        }
        let withoutNegotiate = try await verify(service)
        #expect(verdicts(withoutNegotiate) == ["noAuthentication", "refused"])
        #expect(withoutNegotiate.status == 69)
      }
    }

    private func everyServerAccepts(_ service: SharedService, _ version: Int) async throws {
      let run = try await verify(service, "--full")
      #expect(run.status == 0 && run.document["allAccepted"]?.boolean == true, "\(run)")
      let verdicts = run.document["verdicts"]?.array ?? []
      #expect(verdicts.count == 4 && verdicts.allSatisfy { $0["status"]?.number == 200 })
      #expect(verdicts.allSatisfy { $0["version"]?.number == Double(version) && $0["position"]?.string == "latest" })
      #expect(Set(verdicts.compactMap { $0["domainController"]?.string }).count == 2)
    }

    /// With the ticket of a person who has signed on, and not with the rotator's keytab.
    private func tlsIsChecked(_ service: SharedService) async throws {
      let cluster = service.cluster
      let cache = ["KRB5CCNAME": "FILE:\(cluster.directory)/person.ccache"]
      try await cluster.lab.run(
        "kinit", "-k", "-t", "\(cluster.directory)/rotator.keytab", "svc-asa-rotator@\(cluster.lab.realm)", environment: cache)
      let url = "https://\(service.host):\(Self.securePort)/page"
      let trusted = try await asactl(service, [url, "--ca", "\(cluster.directory)/ca.pem"], environment: cache)
      #expect(trusted.status == 0, "\(trusted)")
      let untrusted = try await asactl(service, [url], environment: cache)
      #expect(verdicts(untrusted) == ["badCertificate", "badCertificate"])
    }

    private func verify(_ service: SharedService, _ options: String...) async throws -> Run {
      try await asactl(service, ["http://\(service.host):\(SharedService.port)/page", "--as-rotator"] + options)
    }

    private func verdicts(_ run: Run) -> [String?]? { run.document["verdicts"]?.array?.map { $0["verdict"]?.string } }

    private struct Run: CustomStringConvertible {
      let status: Int32
      let document: JSONValue
      let description: String
    }

    private func asactl(_ service: SharedService, _ arguments: [String], environment: [String: String] = [:]) async throws
      -> Run
    {
      let directory = service.cluster.directory
      let result = try await service.cluster.lab.result(
        of: ["\(LabCluster.programs)/asactl", "verify", "--http"] + arguments
          + ["--json", "--config", "\(directory)/rotator.yaml", "--socket-directory", "\(directory)/run"],
        environment: environment)
      let document = try? JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
      return Run(status: result.status, document: try #require(document, "\(result)"), description: "\(result)")
    }

    /// Gives every node and the shared name an address, and every Apache a second port with a certificate of the shared name.
    private func prepare(_ service: SharedService) async throws {
      try await service.prepare()
      let cluster = service.cluster
      try await cluster.issue("rotator", service.host, to: "web-pki")
      var hosts = ["\(service.address) \(service.host)"]
      for node in service.nodes {
        let address = service.webAddress(of: node)
        hosts.append("\(address) \(node)")
        try cluster.edit("\(node)/apache.conf") { $0 + secureServer(at: address, pki: "\(cluster.directory)/web-pki") }
      }
      let file = "/etc/hosts"
      let lines = try String(contentsOfFile: file, encoding: .utf8) + hosts.joined(separator: "\n") + "\n"
      try lines.write(toFile: file, atomically: false, encoding: .utf8)
    }

    private func secureServer(at address: String, pki: String) -> String {
      """

      LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
      Listen \(address):\(Self.securePort)
      <VirtualHost \(address):\(Self.securePort)>
        SSLEngine on
        SSLCertificateFile \(pki)/certificate.pem
        SSLCertificateKeyFile \(pki)/key.pem
      </VirtualHost>

      """
    }

    /// As an administrator does who points a web server at a file of his own.
    private func copyKeytab(of node: String, in cluster: LabCluster) async throws -> String {
      let copy = "\(cluster.directory)/\(node)/keytabs/copied.keytab"
      try await cluster.lab.run("cp", "-p", cluster.keytab(of: node), copy)
      return copy
    }

    private func reconfigure(_ node: String, of service: SharedService, _ change: (String) -> String) async throws {
      try await service.stop(node)
      try service.cluster.edit("\(node)/apache.conf", change)
      try await service.start(node)
    }
  }
}
