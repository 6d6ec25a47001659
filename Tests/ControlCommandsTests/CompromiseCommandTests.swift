import ControlProtocol
import Foundation
import GRPCCore
import SwiftProtobuf
import Synchronization
import Testing

@Suite("asactl rotate --compromised")
struct CompromiseCommandTests {
  private func daemon(_ seen: Orders) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.nodes = {
      .with {
        $0.nodes = ["cas-1.lab.example", "cas-2.lab.example"].map { name in
          .with {
            $0.node = name
            $0.connection = "attached"
          }
        }
      }
    }
    daemon.rotate = { request, writer in
      seen.add(request)
      var plan = Sample.plan
      plan.droppedVersions = [4, 5]
      plan.refusedUntil = .with { $0.seconds = 1_795_300_000 }
      plan.shutOut = request.compromise.shutOut
      try await writer.write(Sample.progress(.planned(plan)))
      try await writer.write(Sample.progress(Sample.ended(request.dryRun ? "planned" : "succeeded")))
    }
    return daemon
  }

  @Test("Reason, nodes to shut out and --drop-now go to the daemon; with --yes nobody is asked")
  func order() async throws {
    let seen = Orders()
    let run = try await daemon(seen).listening {
      await CommandRun.run([
        "rotate", "--compromised", "--reason", "stolen", "--shut-out", "CAS-1.lab.example", "--drop-now", "--yes",
        "--socket-directory", $0,
      ])
    }
    #expect(run.code == 0 && run.questions.isEmpty)
    let order = try #require(seen.requests.first?.compromise)
    #expect(order.reason == "stolen" && order.shutOut == ["cas-1.lab.example"] && order.dropNow)
  }

  @Test("On a terminal the nodes are listed, those to shut out asked for, and the question names the kvnos")
  func asks() async throws {
    let seen = Orders()
    let run = try await daemon(seen).listening {
      await CommandRun.run(
        ["rotate", "--compromised", "--reason", "stolen", "--socket-directory", $0],
        recorder: RecordedTerminal(answers: ["cas-2.lab.example", "y"]), isInteractive: true)
    }
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("Nodes:\n  cas-1.lab.example  attached\n  cas-2.lab.example  attached\n"))
    #expect(run.output.contains("Destroyed: kvno 4, 5, at the end\n"))
    #expect(
      run.questions == [
        "Shut out which of them first, so that they never get the new key? [none] ",
        #"Rotate the password of LAB\EXCH2016ASA$ now, and destroy the keys of kvno 4, 5? [y/N] "#,
      ])
    #expect(seen.requests.map(\.compromise.shutOut) == [["cas-2.lab.example"], ["cas-2.lab.example"]])
  }

  @Test("A name that is no node's ends it before anything is asked of the daemon")
  func wrongName() async throws {
    let seen = Orders()
    let run = try await daemon(seen).listening {
      await CommandRun.run(
        ["rotate", "--compromised", "--reason", "stolen", "--socket-directory", $0],
        recorder: RecordedTerminal(answers: ["cas-9.lab.example"]), isInteractive: true)
    }
    #expect(run.code == 64 && seen.requests.isEmpty)
  }

  @Test(
    "The emergency needs a reason, and its options need the emergency",
    arguments: [
      ["--compromised"], ["--reason", "x"], ["--drop-now"], ["--shut-out", "cas-1.lab.example"],
      ["--compromised", "--reason", "x", "--take-over"],
    ])
  func misuse(arguments: [String]) async {
    #expect(await CommandRun.run(["rotate", "--yes"] + arguments).code == 64)
  }

  @Test("An ordinary rotation carries no such order")
  func ordinary() async throws {
    let seen = Orders()
    _ = try await daemon(seen).listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0]) }
    #expect(seen.requests.first?.hasCompromise == false)
  }
}

/// What a daemon was asked to rotate.
private final class Orders: Sendable {
  private let state = Mutex<[Asa_Control_V1_RotateRequest]>([])

  var requests: [Asa_Control_V1_RotateRequest] { state.withLock { $0 } }

  func add(_ request: Asa_Control_V1_RotateRequest) { state.withLock { $0.append(request) } }
}
