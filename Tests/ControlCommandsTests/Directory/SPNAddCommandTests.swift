import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf
import Testing

@Suite("asactl spn add and remove")
struct SPNAddCommandTests {
  private static let mail = "http/mail.lab.example"

  private func domain(
    names: [String] = [], _ arrange: (inout FakeDomain.State) -> Void = { _ in }
  ) -> FakeDomain {
    FakeDomain {
      $0.accounts = [FakeDomain.account(names: names)]
      arrange(&$0)
    }
  }

  private func daemon(_ nodes: [Asa_Control_V1_NodeSlots] = [Sample.healthyNode]) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status(nodes) }
    return daemon
  }

  private func add(
    _ names: [String], to domain: FakeDomain, _ daemon: FakeDaemon? = nil, _ options: [String] = ["--yes"],
    answers: [String]? = nil
  ) async throws -> CommandRun {
    try await (daemon ?? self.daemon()).listening { directory in
      try await DirectoryRuns(domain).run(
        ["spn", "add"] + names + options + ["--socket-directory", directory], answers: answers)
    }
  }

  @Test("New ones are registered in one write, those that are there in any case are said")
  func adds() async throws {
    let domain = domain(names: ["HTTP/autodiscover.lab.example"])
    let run = try await add([Self.mail, "http/autodiscover.lab.example", "http/MAIL.lab.example"], to: domain)
    #expect(run.code == 0, "\(run.errors)")
    #expect(domain.writes == ["dc1.lab.example: add http/mail.lab.example"])
    #expect(run.output.contains("  http/autodiscover.lab.example  is there already\n"))
  }

  @Test("One that any object of the forest holds, in any case, is refused with its place, and none is registered")
  func duplicate() async throws {
    let domain = domain { $0.foreign = [FakeDomain.holder("CAS-1", spns: ["HTTP/Mail.lab.example"])] }
    let run = try await add([Self.mail, "http/autodiscover.lab.example"], to: domain)
    #expect(run.code == 73 && domain.writes.isEmpty)
    #expect(run.errors.contains("SPN http/mail.lab.example: is on CN=CAS-1,CN=Computers,DC=lab,DC=example already"))
  }

  @Test("Several that are held elsewhere are told one per line")
  func duplicates() async throws {
    let domain = domain {
      $0.foreign = [FakeDomain.holder("CAS-1", spns: [Self.mail]), FakeDomain.holder("CAS-2", spns: ["http/web.lab.example"])]
    }
    let run = try await add([Self.mail, "http/web.lab.example"], to: domain)
    #expect(run.code == 73 && run.errors.split(separator: "\n").count == 2)
  }

  @Test("Before a node holds the key it is refused")
  func beforeDeployment() async throws {
    let staged = Asa_Control_V1_NodeSlots.with {
      $0.node = "cas-1.lab.example"
      $0.slots = [Sample.slot("next", kvno: 6, set: 0)]
    }
    let domain = domain()
    let run = try await add([Self.mail], to: domain, daemon([staged]))
    #expect(run.code == 69 && domain.writes.isEmpty && run.errors.contains("no node holds its key yet"))
  }

  @Test("The first ones of a user account are registered before that, with a warning, for its first rotation needs tickets")
  func userAccount() async throws {
    let unspent = Asa_Control_V1_NodeSlots.with { $0.node = "cas-1.lab.example" }
    let domain = domain { $0.accounts[0].kind = .user }
    var daemon = daemon([unspent])
    #expect(try await add([Self.mail], to: domain, daemon).code == 69, "it has been rotated, and its keys were removed")
    daemon.status = { _ in
      var reply = Sample.status([unspent])
      reply.accounts[0].clearLastSuccess()
      return reply
    }
    let run = try await add([Self.mail], to: domain, daemon)
    #expect(run.code == 0 && domain.writes == ["dc1.lab.example: add http/mail.lab.example"], "\(run.errors)")
    #expect(run.output.contains("warning: no node holds the account's key: clients are refused until 'asactl rotate"))
    #expect(try await add(["http/autodiscover.lab.example"], to: domain, daemon).code == 0)
    #expect(try await add(["http/elsewhere.lab.example"], to: domain, daemon).code == 69, "it is not configured")
  }

  @Test("A node that is shut out is no deployment")
  func shutOut() async throws {
    var revoked = Sample.healthyNode
    revoked.connection = "revoked"
    let run = try await add([Self.mail], to: domain(), daemon([revoked]))
    #expect(run.code == 69 && run.errors.contains("no node holds its key yet"))
  }

  @Test("An account that the rotator does not know is refused, and so is a rotator that is silent")
  func unknownToRotator() async throws {
    let domain = domain()
    let unknown = try await add([Self.mail], to: domain, FakeDaemon())
    #expect(unknown.code == 69 && unknown.errors.contains("the rotator does not know it"))
    let silent = try await DirectoryRuns(domain).run("spn", "add", Self.mail, "--yes", "--socket-directory", "/nowhere")
    #expect(silent.code == 69 && domain.writes.isEmpty)
  }

  @Test("One that is not configured, and nodes that hold another kvno, are warned of")
  func warnings() async throws {
    let late = Asa_Control_V1_NodeSlots.with {
      $0.node = "cas-1.lab.example"
      $0.slots = [Sample.slot("latest", kvno: 4, set: -86_400)]
    }
    let warned = try await add(["http/new.lab.example"], to: domain(), daemon([late]))
    #expect(warned.code == 0)
    #expect(warned.output.contains("warning: http/new.lab.example is not in the configuration"))
    #expect(warned.output.contains("warning: dc1.lab.example has kvno 5, and nodes hold 4"))
  }

  @Test("A global catalog is asked wherever there is one; without any, nothing is registered")
  func catalog() async throws {
    let other = domain { $0.withoutCatalog = ["dc1.lab.example"] }
    #expect(try await add([Self.mail], to: other).code == 0)
    let none = domain { $0.withoutCatalog = ["dc1.lab.example", "dc2.lab.example"] }
    let run = try await add([Self.mail], to: none)
    #expect(run.code == 69 && none.writes.isEmpty && run.errors.contains("is no global catalog"))
  }

  @Test("A dry run and a no write nothing")
  func unconfirmed() async throws {
    let domain = domain()
    let dry = try await add([Self.mail], to: domain, nil, ["--dry-run"])
    #expect(dry.code == 0 && dry.output.hasSuffix("Nothing was changed.\n"))
    let declined = try await add([Self.mail], to: domain, nil, [], answers: ["n"])
    #expect(declined.code == 1 && declined.questions == ["Register them? [y/N] "] && domain.writes.isEmpty)
  }

  @Test("What is no SPN is wrong usage", arguments: ["mail", "http/mail/x", "http/mail:443"])
  func badName(name: String) async throws {
    #expect(try await add([name], to: domain()).code == 64)
  }

  @Test("Removing finds the spelling that is there, and warns of what is still configured and of what clients lose")
  func removes() async throws {
    let domain = domain(names: ["HTTP/Mail.lab.example", "http/old.lab.example"])
    let run = try await DirectoryRuns(domain).run(
      "spn", "remove", Self.mail, "http/old.lab.example", "http/gone.lab.example", "--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(domain.writes == ["dc1.lab.example: remove HTTP/Mail.lab.example http/old.lab.example"])
    #expect(run.output.contains("warning: HTTP/Mail.lab.example is still in rotator.yaml"))
    #expect(run.output.contains("they fall back to NTLM, or are refused"))
    #expect(run.output.contains("  http/gone.lab.example  is not on it\n"))
  }

  @Test("Where none of them is there nothing is asked and nothing written")
  func nothingToRemove() async throws {
    let domain = domain(names: [Self.mail])
    let run = try await DirectoryRuns(domain).run("spn", "remove", "http/gone.lab.example", answers: [])
    #expect(run.code == 0 && run.questions.isEmpty && domain.writes.isEmpty)
  }

  @Test("The JSON documents of both name what changed and what did not")
  func json() async throws {
    let added = try await add([Self.mail], to: domain(), nil, ["--yes", "--json"]).document
    #expect(added["changes"] as? [String] == [Self.mail] && added["dryRun"] as? Bool == false)
    let removed = try await DirectoryRuns(domain(names: [Self.mail])).run(
      "spn", "remove", Self.mail, "http/x.lab.example", "--yes", "--json"
    ).document
    #expect(removed["changes"] as? [String] == [Self.mail] && removed["unchanged"] as? [String] == ["http/x.lab.example"])
  }
}
