import ControlProtocol
import Foundation
import SwiftProtobuf
import Testing

@Suite("asactl dc forget")
struct ControllerCommandTests {
  private func daemon(replays: [UInt32]) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.forget = { request in
      .with {
        $0.account = "LAB\\ASA$"
        $0.controller = request.controller
        $0.successor = "dc2.lab.example"
        $0.version = 8
        $0.replays = replays
      }
    }
    return daemon
  }

  @Test("It says where writes go from now on, and what is set again there")
  func text() async throws {
    let run = try await daemon(replays: [9, 10]).listening {
      await CommandRun.run(["dc", "forget", "dc1.lab.example", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(
      run.output == """
        dc1.lab.example is forgotten for LAB\\ASA$: it is written to dc2.lab.example from now on, which has kvno 8.
        These are set again there now, oldest first: kvno 9, 10. See asactl status.

        """)
  }

  @Test("The JSON document has every field")
  func json() async throws {
    let run = try await daemon(replays: []).listening {
      await CommandRun.run(["dc", "forget", "dc1.lab.example", "--yes", "--json", "--socket-directory", $0])
    }
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["account", "controller", "successor", "version", "replays"])
  }

  @Test("Without a yes and with nobody to ask it is wrong usage")
  func unconfirmed() async throws {
    let run = try await daemon(replays: []).listening {
      await CommandRun.run(["dc", "forget", "dc1.lab.example", "--json", "--socket-directory", $0])
    }
    #expect(run.code == 64)
  }
}
