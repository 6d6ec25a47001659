import ControlProtocol
import Foundation
import SwiftProtobuf
import Testing

@Suite("asactl credential adopt")
struct CredentialCommandTests {
  private func daemon() -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.adopt = { request in
      .with {
        $0.account = "LAB\\ASA$"
        $0.node = request.node
        $0.stamp = "asa1;1.4;r;done;x"
        $0.slots = [
          .with {
            $0.worth = "latest"
            $0.version = 9
            $0.rotation = "r-9"
            $0.nodes = ["cas-1.lab.example", "cas-2.lab.example"]
          }
        ]
        $0.refused = [
          .with {
            $0.node = "cas-3.lab.example"
            $0.version = 5
            $0.rotation = "r-5"
            $0.reason = "no second node holds it"
          }
        ]
        $0.warnings = ["cas-4.lab.example is not attached and was not asked"]
        $0.message = "adopted"
      }
    }
    return daemon
  }

  @Test("What was taken, what was refused by node, kvno and rotation, and what comes next", arguments: [false, true])
  func text(isDryRun: Bool) async throws {
    let run = try await daemon().listening {
      await CommandRun.run(
        ["credential", "adopt", "--from", "cas-1.lab.example", "--socket-directory", $0] + (isDryRun ? ["--dry-run"] : []))
    }
    #expect(run.code == 0)
    #expect(
      run.output == """
        \(isDryRun ? "Would be adopted" : "Adopted") from cas-1.lab.example for LAB\\ASA$:
          latest kvno 9, rotation r-9, on cas-1.lab.example, cas-2.lab.example
        Refused, and left where it is to run out:
          cas-3.lab.example kvno 5, rotation r-5: no second node holds it
        warning: cas-4.lab.example is not attached and was not asked
        \(isDryRun
          ? "Nothing was changed."
          : "Nothing was pushed. asactl verify shows that the nodes accept; asactl rotate makes keys of this rotator's own.")

        """)
  }

  @Test("The JSON document has every field")
  func json() async throws {
    let run = try await daemon().listening {
      await CommandRun.run(["credential", "adopt", "--from", "cas-1.lab.example", "--json", "--socket-directory", $0])
    }
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["account", "node", "dryRun", "stamp", "slots", "refused", "warnings"])
    let slot = try #require((document["slots"] as? [[String: Any]])?.first)
    #expect(slot["retireAfter"] is NSNull && slot["version"] as? Int == 9)
  }

  @Test("Without a node it is wrong usage")
  func noNode() async {
    #expect(await CommandRun.run(["credential", "adopt"]).code == 64)
  }
}
