import ControlProtocol
import SwiftProtobuf
import Testing

@Suite("asactl nodes exclude, include and decommission")
struct NodeCommandTests {
  private let node = "cas-2.lab.example"

  @Test("An exclusion sends the time and the reason, and says what it means")
  func excludes() async throws {
    var daemon = FakeDaemon()
    daemon.exclude = { request in
      #expect(request.node == "cas-2.lab.example" && request.until == Sample.time(4 * 3600) && request.reason == "new disks")
      return .init()
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["nodes", "exclude", node, "--until", "4h", "--reason", "new disks", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    #expect(
      run.output.hasPrefix("Rotations do not wait for cas-2.lab.example until 2026-11-21 21:00:00+01:00 (in 4 hours).\n"))
  }

  @Test(
    "An exclusion without a time, or until a time that has passed, is refused",
    arguments: [[], ["--until", "2026-11-20T00:00:00Z"]])
  func refusesTheDate(options: [String]) async {
    let run = await CommandRun.run(["nodes", "exclude", node] + options)
    #expect(run.code == 64)
    #expect(run.errors.contains("--until"))
  }

  @Test("An inclusion sends no time; as JSON both print the same fields")
  func includes() async throws {
    var daemon = FakeDaemon()
    daemon.exclude = { request in
      #expect(!request.hasUntil)
      return .init()
    }
    let run = try await daemon.listening {
      await CommandRun.run(["nodes", "include", node, "--json", "--socket-directory", $0])
    }
    #expect(run.output == "{\n  \"excludedUntil\" : null,\n  \"node\" : \"cas-2.lab.example\",\n  \"reason\" : null\n}\n")
  }

  @Test("A decommissioning says that the keys are destroyed, and what is left to do")
  func decommissions() async throws {
    var daemon = FakeDaemon()
    daemon.decommission = { _ in .with { $0.revokedAt = Sample.time(0) } }
    let run = try await daemon.listening {
      await CommandRun.run(["nodes", "decommission", node, "--yes", "--socket-directory", $0])
    }
    #expect(run.output.hasPrefix("cas-2.lab.example has destroyed every key that it held"))
    #expect(run.output.contains("asactl reload"))
  }

  @Test("A decommissioning without a terminal and without --yes is refused")
  func refusesUnasked() async {
    let run = await CommandRun.run(["nodes", "decommission", node])
    #expect(run.code == 64)
    #expect(run.errors.contains("--yes"))
  }
}
