import ControlCommands
import ControlProtocol
import Foundation
import GRPCCore
import SwiftProtobuf
import Testing

@Suite("asactl rotate with a scope")
struct RotateScopeTests {
  private static let other = #"LAB\OTHERASA$"#

  private func scoped(_ account: String, leftOut: [String] = []) -> Asa_Control_V1_ScopedAccount {
    .with {
      $0.account = account
      $0.destinations = Sample.report.destinations
      $0.leftOut = leftOut
      if !leftOut.isEmpty {
        $0.fault = .with {
          $0.kind = "usage"
          $0.subject = "account \(account)"
          $0.problem = "\(leftOut.joined(separator: ", ")) would be left behind"
          $0.remedy = "widen the scope"
        }
      }
    }
  }

  /// Two accounts, whose rotations end as they are told to.
  private func daemon(
    _ accounts: [Asa_Control_V1_ScopedAccount],
    endings: [String: Asa_Control_V1_RotateProgress.OneOf_Event] = [:]
  ) -> FakeDaemon {
    var daemon = FakeDaemon()
    daemon.resolveScope = { _ in .with { $0.accounts = accounts } }
    daemon.rotate = { request, writer in
      #expect(request.hasScope)
      let write = { (event: Asa_Control_V1_RotateProgress.OneOf_Event) in
        var message = Sample.progress(event)
        message.account = request.account
        try await writer.write(message)
      }
      var plan = Sample.plan
      plan.account = request.account
      try await write(.planned(plan))
      if request.dryRun { return try await write(Sample.ended("planned")) }
      try await write(Sample.step("cas-1.lab.example", "staged", "holds kvno 6"))
      try await write(endings[request.account] ?? Sample.ended("succeeded") { $0.report = Sample.report })
    }
    return daemon
  }

  @Test(
    "The scope is asked for as it was typed",
    arguments: [
      (["--to-entire-forest"], Asa_Control_V1_Scope.with { $0.entireForest = true }),
      (["--to-array-members", "Mail*", "web"], .with { $0.arrays = ["Mail*", "web"] }),
      (["--to-specific-servers", "CAS-?.lab.example"], .with { $0.nodes = ["cas-?.lab.example"] }),
    ])
  func asks(_ options: [String], _ scope: Asa_Control_V1_Scope) async throws {
    var daemon = daemon([scoped(Sample.account)])
    daemon.resolveScope = { [scoped] request in
      #expect(request == scope)
      return .with { $0.accounts = [scoped(Sample.account, [])] }
    }
    let run = try await daemon.listening { await CommandRun.run(["rotate", "--yes", "--socket-directory", $0] + options) }
    #expect(run.code == 0, "\(run.errors)")
  }

  @Test("Two scopes at once are wrong usage")
  func exclusive() async {
    let run = await CommandRun.run(["rotate", "--to-entire-forest", "--to-array-members", "mail"])
    #expect(run.code == 64 && run.errors.contains("not several"))
  }

  @Test("All accounts of the scope rotate, each line names its own, and each has a report")
  func several() async throws {
    let run = try await daemon([scoped(Sample.account), scoped(Self.other)]).listening {
      await CommandRun.run(["rotate", "--to-entire-forest", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 0)
    for account in [Sample.account, Self.other] {
      #expect(run.output.contains("+01:00 \(account) node cas-1.lab.example staged: holds kvno 6\n"))
      #expect(run.output.contains("+01:00 \(account) succeeded: the rotation succeeded\n"))
      #expect(run.output.contains("\n\(account): SUCCEEDED\n"))
    }
  }

  @Test("On a terminal one question is asked about all plans")
  func question() async throws {
    let run = try await daemon([scoped(Sample.account), scoped(Self.other)]).listening {
      await CommandRun.run(
        ["rotate", "--to-entire-forest", "--socket-directory", $0], recorder: RecordedTerminal(answers: ["n"]),
        isInteractive: true)
    }
    #expect(run.code == 1)
    #expect(run.questions == [#"Rotate the passwords of LAB\EXCH2016ASA$ and LAB\OTHERASA$ now? [y/N] "#])
    #expect(run.output.components(separatedBy: "kvno:     5 -> 6").count == 3)
  }

  @Test(
    "One whose plan is refused holds up no other: the question is about the rest, and the exit code tells of it")
  func refusedPlan() async throws {
    var daemon = daemon([scoped(Sample.account), scoped(Self.other)])
    let play = daemon.rotate
    daemon.rotate = { request, writer in
      guard request.account == Sample.account else {
        #expect(request.dryRun, "it is not rotated")
        return try await writer.write(Sample.progress(.fault(Sample.fault("unavailable"))))
      }
      try await play(request, writer)
    }
    let run = try await daemon.listening {
      await CommandRun.run(
        ["rotate", "--to-entire-forest", "--socket-directory", $0], recorder: RecordedTerminal(answers: ["y"]),
        isInteractive: true)
    }
    #expect(run.code == 69 && run.errors.contains("left out: "))
    #expect(run.questions == [#"Rotate the password of LAB\EXCH2016ASA$ now? [y/N] "#])
    #expect(run.output.contains("SUCCEEDED"))
  }

  @Test("One failure does not keep the others from ending, and the exit code is the worst")
  func worst() async throws {
    let endings = [
      Sample.account: Sample.ended("failed") { $0.fault = Sample.fault("unavailable") },
      Self.other: Sample.ended("failed") { $0.fault = Sample.fault("permission") },
    ]
    let run = try await daemon([scoped(Sample.account), scoped(Self.other), scoped(#"LAB\THIRD$"#)], endings: endings)
      .listening { await CommandRun.run(["rotate", "--to-entire-forest", "--yes", "--socket-directory", $0]) }
    #expect(run.code == 77)
    #expect(run.errors.split(separator: "\n").count == 2)
    #expect(run.output.contains(#"LAB\THIRD$: SUCCEEDED"#))
  }

  @Test("An account that would leave nodes behind is refused before anything begins; a dry run shows the other plans")
  func leftOut() async throws {
    var daemon = daemon([scoped(Sample.account), scoped(Self.other, leftOut: ["cas-9.lab.example"])])
    let play = daemon.rotate
    daemon.rotate = { request, writer in
      #expect(request.dryRun, "no rotation begins")
      guard request.account == Sample.account else {
        return try await writer.write(Sample.progress(.fault(Sample.fault("usage"))))
      }
      try await play(request, writer)
    }
    let run = try await daemon.listening {
      await CommandRun.run(["rotate", "--to-entire-forest", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 64)
    #expect(run.errors == "asactl: account LAB\\OTHERASA$: cas-9.lab.example would be left behind; widen the scope\n")
    let plan = try await daemon.listening {
      await CommandRun.run(["rotate", "--to-entire-forest", "--dry-run", "--socket-directory", $0])
    }
    #expect(plan.code == 64)
    #expect(plan.output.contains("kvno:     5 -> 6"))
  }

  @Test(
    "With --account only that one of the scope is rotated, under the name of old too",
    arguments: ["--account", "--generate-new-password-for"])
  func narrowed(_ option: String) async throws {
    let run = try await daemon([scoped(Sample.account), scoped(Self.other)]).listening {
      await CommandRun.run([
        "rotate", "--to-entire-forest", option, #"lab\otherasa$"#, "--yes", "--json", "--socket-directory", $0,
      ])
    }
    #expect(run.code == 0)
    #expect(run.output.contains(#"LAB\\OTHERASA$"#))
    #expect(run.output.split(separator: "\n").count { $0.contains(#""type":"ended""#) } == 1)
  }

  @Test("Emergencies are for one account")
  func emergency() async throws {
    let run = try await daemon([scoped(Sample.account), scoped(Self.other)]).listening {
      await CommandRun.run(["rotate", "--to-entire-forest", "--take-over", "--yes", "--socket-directory", $0])
    }
    #expect(run.code == 64 && run.errors.contains("--account"))
  }

  @Test("The pictures of several accounts stand one below the other, and fit the screen", arguments: [40, 24, 9])
  func pictures(rows: Int) async throws {
    let accounts = (1...4).map { scoped("LAB\\ASA\($0)$") }
    let run = try await daemon(accounts).listening {
      await CommandRun.run(
        ["rotate", "--to-entire-forest", "--yes", "--socket-directory", $0], canRedraw: true,
        size: ScreenSize(columns: 60, rows: rows))
    }
    #expect(run.code == 0)
    // Beginning with the second picture, up to the first report.
    let pictures = run.output.components(separatedBy: "\u{1B}[J")
    for picture in pictures.dropLast() {
      #expect(picture.split(separator: "\n", omittingEmptySubsequences: false).count <= rows)
    }
    #expect(run.output.components(separatedBy: "Succeeded: the rotation succeeded").count == 5)
  }
}
