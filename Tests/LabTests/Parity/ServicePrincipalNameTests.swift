import ChildProcesses
import Foundation
import Testing

extension Parity {
  @Suite("SPNs, by the names of old", .needsLab, .serialized, .timeLimit(.minutes(3)))
  struct ServicePrincipalNameTests {
    private func layout(_ host: String) -> LabCluster.Layout {
      LabCluster.Layout(
        account: "LAB\\\(host.uppercased())$", servicePrincipalNames: ["http/\(host).lab.example"],
        nodes: ["\(host)-1.lab.example"])
    }

    @Test("setspn -F -Q: the forest is searched with a star, and nothing but the star is special")
    func query() async throws {
      let administrator = try await LabAdministrator.signedOn()
      try await administrator.run("make-account", "QUERYA$", "--spn", "http/query-1.lab.example", "--spn", "host/query-1")
      try await administrator.run("make-account", "QUERYB$", "--spn", "HTTP/query-2.lab.example")
      let found = try await administrator.asactl("spn", "query", "http/QUERY-*.lab.example", "--json")
      #expect(found.status == 0, "\(found)")
      let document = try JSONDecoder().decode(JSONValue.self, from: Data(found.output.utf8))
      #expect(
        document["holders"]?.array?.map { $0["distinguishedName"]?.string } == [
          "CN=QUERYA,CN=Computers,\(administrator.domain)", "CN=QUERYB,CN=Computers,\(administrator.domain)",
        ])
      #expect(document["holders"]?[0]?["servicePrincipalNames"]?.array?.map(\.string) == ["http/query-1.lab.example"])
      #expect(document["holders"]?[1]?["servicePrincipalNames"]?.array?.map(\.string) == ["HTTP/query-2.lab.example"])
      #expect(try await administrator.asactl("spn", "query", "http/query-(1)*").status == 1)
      let bounded = try await administrator.asactl("spn", "query", "*", "--limit", "1")
      #expect(bounded.status == 0 && bounded.output.contains("there are more"), "\(bounded)")
    }

    @Test("setspn -S: registered once, whatever the case; refused where anything else in the forest holds it")
    func add() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let layout = layout("spnadd")
      try await LabCluster.with(layout) { cluster in
        try await cluster.startAll()
        #expect(try await cluster.rotate().status == 0)
        try await administrator.run("make-account", "SPNELSE$", "--spn", "HTTP/Else.lab.example")
        let refused = try await administrator.asactl(
          for: cluster, "spn", "add", "http/new.lab.example", "http/else.LAB.example", "--yes", sockets: true)
        #expect(refused.status == 73 && refused.errors.contains("CN=SPNELSE,CN=Computers"), "\(refused)")
        #expect(try await administrator.names(of: "SPNADD$") == layout.servicePrincipalNames)
        let added = try await administrator.asactl(
          for: cluster, "spn", "add", "http/new.lab.example", "http/SPNADD.lab.example", "--yes", sockets: true)
        #expect(added.status == 0 && added.output.contains("is there already"), "\(added)")
        #expect(added.output.contains("warning: http/new.lab.example is not in the configuration"))
        #expect(
          try await administrator.names(of: "SPNADD$") == (layout.servicePrincipalNames + ["http/new.lab.example"]).sorted())
      }
    }

    @Test("setspn -L and setspn -D: what samba-tool lists, and gone afterwards, in whatever case it was typed")
    func listAndRemove() async throws {
      let administrator = try await LabAdministrator.signedOn()
      try await administrator.run(
        "make-account", "SPNLIST$", "--spn", "http/One.lab.example", "--spn", "http/two.lab.example", "--spn",
        "MSSQLSvc/three.lab.example:1433")
      let listed = try await administrator.asactl("spn", "list", "--account", "LAB\\SPNLIST$", "--json")
      let document = try JSONDecoder().decode(JSONValue.self, from: Data(listed.output.utf8))
      let names = document["servicePrincipalNames"]?.array?.compactMap { $0["name"]?.string }
      #expect(try await administrator.names(of: "SPNLIST$") == names?.sorted())
      let removed = try await administrator.asactl(
        "spn", "remove", "HTTP/one.lab.example", "MSSQLSvc/three.lab.example:1433", "--account", "LAB\\SPNLIST$", "--yes")
      #expect(removed.status == 0, "\(removed)")
      #expect(try await administrator.names(of: "SPNLIST$") == ["http/two.lab.example"])
    }

    @Test(
      "setspn -X and more: missing, on the wrong account, spelled otherwise, a short name elsewhere; and silence when all is well"
    )
    func check() async throws {
      let administrator = try await LabAdministrator.signedOn()
      let layout = layout("spncheck")
      try await LabCluster.with(layout) { cluster in
        let check = { () async throws -> (status: Int32, kinds: [String]) in
          let run = try await administrator.asactl(for: cluster, "spn", "check", "--json")
          let findings = try JSONDecoder().decode(JSONValue.self, from: Data(run.output.utf8))["findings"]?.array ?? []
          return (run.status, findings.filter { $0["severity"]?.string != "note" }.compactMap { $0["kind"]?.string })
        }
        let healthy = try await check()
        #expect(healthy.status == 0 && healthy.kinds == [], "\(healthy)")

        try await administrator.run("make-account", "SPNSHORT$", "--spn", "http/spncheck")
        try await cluster.changeAccount("add: servicePrincipalName", "servicePrincipalName: http/SPNCHECK.lab.example")
        let odd = try await check()
        #expect(odd.status == 1 && Set(odd.kinds) == ["caseVariant", "shortName"], "\(odd)")

        try await cluster.changeAccount("delete: servicePrincipalName")
        #expect(try await Set(check().kinds) == ["missing", "shortName"])
        try await administrator.run("make-account", "SPNWRONG$", "--spn", "http/spncheck.lab.example")
        try await administrator.run(
          "samba-tool", "user", "disable", "SPNWRONG$", "-H", administrator.database())
        #expect(try await Set(check().kinds) == ["wrongAccount", "shortName"])
        let run = try await administrator.asactl(for: cluster, "spn", "check")
        #expect(run.output.contains("is on CN=SPNWRONG,CN=Computers,\(administrator.domain) (disabled) instead"), "\(run)")
      }
    }
  }
}
