import ControlProtocol
import Foundation
import GRPCCore
import Glibc
import SwiftProtobuf
import Testing

@Suite("asactl health")
struct HealthCommandTests {
  private func run(_ health: Asa_Control_V1_HealthReply, _ options: [String] = []) async throws -> CommandRun {
    var daemon = FakeDaemon()
    daemon.health = { health }
    return try await daemon.listening { await CommandRun.run(["health", "--socket-directory", $0] + options) }
  }

  private func datum(
    _ label: String, _ value: Double, _ unit: String = "", warning: Double? = nil, critical: Double? = nil
  ) -> Asa_Control_V1_PerformanceDatum {
    .with {
      $0.label = label
      $0.value = value
      $0.unit = unit
      if let warning { $0.warning = warning }
      if let critical { $0.critical = critical }
    }
  }

  @Test("All is well: one line, exit 0")
  func healthy() async throws {
    let run = try await run(
      .with {
        $0.level = "ok"
        $0.sentence = "2 accounts, next rotation in 12 days"
      })
    #expect(run.code == 0)
    #expect(run.output == "ASA OK - 2 accounts, next rotation in 12 days\n")
  }

  @Test("Findings follow the first line, which has the performance data", arguments: [("warning", 1), ("critical", 2)])
  func findings(_ level: String, _ code: Int32) async throws {
    let run = try await run(
      .with {
        $0.level = level
        $0.sentence = "1 finding"
        $0.findings = [
          .with {
            $0.level = level
            $0.subject = "cas-2.lab.example"
            $0.message = "is behind"
          }
        ]
        $0.performance = [datum("due in", 86400, "s"), datum("nodes_behind", 1, warning: 1, critical: 2)]
      })
    #expect(run.code == code)
    #expect(run.errors.isEmpty)
    #expect(
      run.output == """
        ASA \(level.uppercased()) - 1 finding | 'due in'=86400s;;;; 'nodes_behind'=1;1;2;;
        \(level.uppercased()): cas-2.lab.example: is behind

        """)
  }

  @Test(
    "Performance data is written as the guidelines want it",
    arguments: [
      (#"LAB\A$ due"#, 0.5, "s", nil, nil, #"'LAB\A$ due'=0.500s;;;;"#), ("a=b'c|d\ne", 1, "", nil, nil, "'a_b_c/d e'=1;;;;"),
      ("x", .nan, "s", nil, nil, "'x'=U;;;;"), ("x", 1e14, "c", nil, nil, "'x'=100000000000000c;;;;"),
      ("x", -3, "%", .infinity, 5, "'x'=-3%;;5;;"), ("x", 1, "furlong", 2, 3, "'x'=1;2;3;;"),
      // Less is worse: the certificate has 20 days left, warn below 30, critical below 7.
      ("certificate", 20, "", 30, 7, "'certificate'=20;30:;7:;;"),
    ] as [(String, Double, String, Double?, Double?, String)])
  func performance(
    _ label: String, _ value: Double, _ unit: String, _ warning: Double?, _ critical: Double?, _ text: String
  ) async throws {
    let run = try await run(
      .with {
        $0.level = "ok"
        $0.sentence = "fine"
        $0.performance = [datum(label, value, unit, warning: warning, critical: critical)]
      })
    #expect(run.output == "ASA OK - fine | \(text)\n")
  }

  @Test("A bar or a line break in a text begins neither performance data nor a line of its own")
  func neutralizes() async throws {
    let run = try await run(
      .with {
        $0.level = "warning"
        $0.sentence = "a | 'x'=1\nb\u{2028}c"
        $0.findings = [
          .with {
            $0.level = "warning"
            $0.subject = "d|e"
            $0.message = "f\ng"
          }
        ]
      })
    #expect(run.output == "ASA WARNING - a / 'x'=1 b c\nWARNING: d/e: f g\n")
  }

  @Test("A finding counts even if the daemon's summary is milder")
  func worstCounts() async throws {
    let run = try await run(
      .with {
        $0.level = "ok"
        $0.findings = [.with { $0.level = "critical" }]
      })
    #expect(run.code == 2)
    #expect(run.output.hasPrefix("ASA CRITICAL - "))
  }

  @Test("A level that this version does not know is unknown", arguments: ["", "splendid"])
  func unknownLevel(_ level: String) async throws {
    let run = try await run(.with { $0.level = level })
    #expect(run.code == 3)
    #expect(run.output.hasPrefix("ASA UNKNOWN - "))
  }

  @Test("More findings than monitoring takes are counted")
  func boundsFindings() async throws {
    let run = try await run(
      .with {
        $0.level = "warning"
        $0.findings = Array(repeating: .with { $0.level = "warning" }, count: 35)
      })
    #expect(run.output.split(separator: "\n").count == 32)
    #expect(run.output.hasSuffix("and 5 more, see asactl health --json\n"))
  }

  @Test("The health as JSON has every field")
  func printsJSON() async throws {
    let run = try await run(
      .with {
        $0.level = "warning"
        $0.sentence = "1 finding"
        $0.findings = [
          .with {
            $0.level = "warning"
            $0.subject = "cas-2.lab.example"
            $0.message = "is behind"
          }
        ]
        $0.performance = [datum("nodes_behind", 1, warning: 1)]
      }, ["--json"])
    #expect(run.code == 1)
    #expect(
      run.output == """
        {
          "findings" : [
            {
              "level" : "warning",
              "message" : "is behind",
              "subject" : "cas-2.lab.example"
            }
          ],
          "level" : "warning",
          "performance" : [
            {
              "critical" : null,
              "label" : "nodes_behind",
              "unit" : null,
              "value" : 1,
              "warning" : 1
            }
          ],
          "sentence" : "1 finding"
        }

        """)
  }

  @Test("A rotator that is not there is critical, with the reason on standard output", arguments: [true, false])
  func absent(isJSON: Bool) async throws {
    let directory = try TemporaryDirectory()
    let run = await CommandRun.run(["health", "--socket-directory", directory.path] + (isJSON ? ["--json"] : []))
    #expect(run.code == 2)
    #expect(run.errors.isEmpty)
    let reason = "asa-rotatord: no rotator listens on \(directory.path)/status.sock"
    #expect(run.output.contains(isJSON ? "\"level\" : \"critical\"" : "ASA CRITICAL - \(reason)"))
    #expect(run.output.contains(reason))
  }

  @Test("A rotator that takes connections and never answers is critical when the time is over")
  func silent() async throws {
    let directory = try TemporaryDirectory()
    let descriptor = try listeningSocket("\(directory.path)/status.sock")
    defer { close(descriptor) }
    let run = await CommandRun.run(["health", "--timeout", "1", "--socket-directory", directory.path])
    #expect(run.code == 2)
    #expect(run.output.hasPrefix("ASA CRITICAL - asa-rotatord: no answer on \(directory.path)/status.sock in time"))
  }

  @Test("A rotator that takes the question and never answers is critical when the time is over")
  func stuck() async throws {
    var daemon = FakeDaemon()
    daemon.keepsHealthToItself = true
    let run = try await daemon.listening {
      await CommandRun.run(["health", "--timeout", "1", "--socket-directory", $0])
    }
    #expect(run.code == 2)
    #expect(run.output.contains("no answer on"))
  }

  @Test("A fault of the daemon is critical and told")
  func fault() async throws {
    var daemon = FakeDaemon()
    daemon.health = { throw Sample.fault("software").asRPCError() }
    let run = try await daemon.listening { await CommandRun.run(["health", "--socket-directory", $0]) }
    #expect(run.code == 2)
    #expect(run.output.hasPrefix("ASA CRITICAL - node cas-3.lab.example: is not attached"))
  }

  @Test(
    "Wrong usage is unknown to monitoring, on standard output",
    arguments: [
      ["--warning", "3"], ["--timeout", "0"], ["--timeout", "soon"], ["extra"],
      ["--socket-directory", "/\(String(repeating: "x", count: 120))"],
    ])
  func usage(_ options: [String]) async {
    let run = await CommandRun.run(["health"] + options)
    #expect(run.code == 3)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasPrefix("ASA UNKNOWN - "))
    #expect(run.output.count { $0 == "\n" } == 1)
  }

  /// A socket whose connections nobody ever takes.
  private func listeningSocket(_ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0 && listen(descriptor, 8) == 0)
    return descriptor
  }
}
