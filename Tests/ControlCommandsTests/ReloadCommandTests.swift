import ControlProtocol
import GRPCCore
import SwiftProtobuf
import Testing

@Suite("asactl reload")
struct ReloadCommandTests {
  @Test("What changed is one line each")
  func printsChanges() async throws {
    var daemon = FakeDaemon()
    daemon.reload = { .with { $0.changes = ["every of LAB\\A$ is 30 d, was 60 d", "LAB\\B$ is new"] } }
    let run = try await daemon.listening { await CommandRun.run(["reload", "--socket-directory", $0]) }
    #expect(run.code == 0)
    #expect(run.output == "every of LAB\\A$ is 30 d, was 60 d\nLAB\\B$ is new\n")
  }

  @Test("An unchanged file is said so", arguments: [true, false])
  func nothingChanged(isJSON: Bool) async throws {
    let run = try await FakeDaemon().listening {
      await CommandRun.run(["reload", "--socket-directory", $0] + (isJSON ? ["--json"] : []))
    }
    #expect(run.code == 0)
    #expect(run.output == (isJSON ? "{\n  \"changes\" : [\n\n  ]\n}\n" : "nothing changed\n"))
  }

  private static func fault(_ line: Int, problem: String = "unknown key") -> Asa_Control_V1_Fault {
    .with {
      $0.kind = "configuration"
      $0.subject = "rotator.yaml:\(line)"
      $0.problem = problem
      $0.remedy = "remove it"
    }
  }

  @Test("A refusal is one line per fault, with the exit code of a wrong configuration")
  func refused() async throws {
    var daemon = FakeDaemon()
    daemon.reload = { throw Asa_Control_V1_Fault.asRPCError([Self.fault(3), Self.fault(7)], code: .invalidArgument) }
    let run = try await daemon.listening { await CommandRun.run(["reload", "--socket-directory", $0]) }
    #expect(run.code == 78)
    #expect(run.output.isEmpty)
    #expect(
      run.errors == """
        asactl: rotator.yaml:3: unknown key; remove it
        asactl: rotator.yaml:7: unknown key; remove it

        """)
  }

  @Test("A refusal for one reason is one line")
  func refusedOnce() async throws {
    var daemon = FakeDaemon()
    daemon.reload = { throw Self.fault(3).asRPCError() }
    let run = try await daemon.listening { await CommandRun.run(["reload", "--socket-directory", $0]) }
    #expect(run.code == 78)
    #expect(run.errors == "asactl: rotator.yaml:3: unknown key; remove it\n")
  }

  @Test("More faults than a status can carry arrive as far as they fit, and the rest is counted")
  func refusedAtLength() async throws {
    var daemon = FakeDaemon()
    let long = String(repeating: "æ", count: 400)
    daemon.reload = { throw Asa_Control_V1_Fault.asRPCError((1...100).map { Self.fault($0, problem: long) }) }
    let run = try await daemon.listening { await CommandRun.run(["reload", "--socket-directory", $0]) }
    #expect(run.code == 78)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first == "asactl: rotator.yaml:1: \(long); remove it")
    #expect(lines.count > 5)
    #expect(
      lines.last
        == "asactl: asa-rotatord: \(101 - lines.count) more faults were found; remove those that are named, then try again")
  }
}
