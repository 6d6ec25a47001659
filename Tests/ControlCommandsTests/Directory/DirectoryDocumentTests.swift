import Foundation
import RotationCore
import Testing

@Suite("What the commands that administer the directory print with --json")
struct DirectoryDocumentTests {
  private static func administering() throws -> [ListedCommand] {
    try ListedCommand.leaves().filter { ["account", "spn"].contains($0.words[0]) && $0.takes("--dc") }
  }

  /// Everything that a document can tell of is there.
  private static func domain(_ command: ListedCommand) -> FakeDomain {
    FakeDomain {
      guard command.words != ["account", "create"] else { return }
      $0.accounts = [
        FakeDomain.account(names: ["http/mail.lab.example"]) {
          $0.stamp = "asa1;0.7;11111111-2222-4333-8444-555555555555;done;99999999-8888-4777-8666-555555555555"
        }
      ]
      $0.ownRights = [.writeStamp]
      $0.excess = [ExcessRight(right: "full control", through: "Account Operators", isInherited: true)]
      $0.foreign = [FakeDomain.holder("CAS-1", spns: ["http/text", "http/autodiscover.lab.example"])]
    }
  }

  @Test("It is a document of exactly the fields that are described", arguments: try administering())
  func described(_ command: ListedCommand) async throws {
    var daemon = FakeDaemon()
    daemon.status = { _ in Sample.status([Sample.healthyNode]) }
    let run = try await daemon.listening { directory in
      let sockets = command.takes("--socket-directory") ? ["--socket-directory", directory] : []
      let pattern = command.words == ["spn", "query"] ? ["spn", "query", "*", "--json"] : nil
      return try await DirectoryRuns(Self.domain(command)).run(
        (pattern ?? command.call(flags: ["--json", "--yes"])) + sockets)
    }
    let model = try DocumentModel.ofThisPackage()
    let document = try #require(model.document(of: command.words.joined(separator: " ")))
    #expect(!run.output.isEmpty, "\(run.errors)")
    #expect(try DocumentComparison(run.output, with: document, model: model).differences == [], "\(run.output)")
  }
}
