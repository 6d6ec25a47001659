import Configuration
import Foundation
import RotationCore
import Testing

@Suite("The commented samples")
struct SampleConfigurationTests {
  @Test("The rotator's sample loads")
  func rotatorSample() throws {
    let configuration = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml"))
    #expect(configuration.arrays.first?.nodes.count == 3)
  }

  @Test("The agent's sample loads")
  func agentSample() throws {
    let configuration = try AgentConfiguration.load(path: Self.path(of: "agent.yaml"))
    #expect(configuration.keytabs.count == 1)
  }

  @Test("What the rotator's sample shows as a default is the default")
  func rotatorDefaults() throws {
    let plain = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml"))
    var shown = try RotatorConfiguration.check(yaml: Self.uncommented("rotator.yaml"), file: "shown", environment: [:]).get()
    #expect(shown.directories.first?.controllers.first?.address == "192.0.2.10")
    shown.directories[0].controllers[0].address = nil
    #expect(shown.directories[0].site == "Copenhagen")
    shown.directories[0].site = nil
    #expect(shown.control.statusGroup == "asa-readers")
    #expect(shown.control.adminGroup == "asa-admins")
    shown.control.statusGroup = nil
    shown.control.adminGroup = nil
    #expect(shown.accounts[0].policy.windows.map(\.description) == ["Sun 02:00-05:00 Europe/Copenhagen"])
    #expect(shown.accounts[0].policy.freezes.count == 2)
    shown.accounts[0].policy.windows = []
    shown.accounts[0].policy.freezes = []
    #expect(shown.metrics.file?.hasSuffix(".prom") == true)
    shown.metrics.file = nil
    #expect(shown == plain)
  }

  @Test("What the agent's sample shows as a default is the default")
  func agentDefaults() throws {
    let plain = try AgentConfiguration.load(path: Self.path(of: "agent.yaml"))
    var shown = try AgentConfiguration.parse(yaml: Self.uncommented("agent.yaml"), file: "shown")
    #expect(shown.readinessFile == "/run/asa-agent/in-service")
    shown.readinessFile = nil
    #expect(shown.agentCheck == ListenAddress(host: "0.0.0.0", port: 7750))
    shown.agentCheck = nil
    #expect(
      shown.consumers.map(\.action) == [
        .restart("dovecot.service"), .command(["/usr/local/sbin/reload-consumer", "http"]),
      ])
    shown.consumers = []
    #expect(shown.keytabs[0].servicePrincipalNames?.count == 1)
    shown.keytabs[0].servicePrincipalNames = nil
    shown.keytabs[0].owner = nil
    shown.keytabs[0].group = nil
    #expect(shown == plain)
  }

  @Test(
    "Every key that the loader knows is in the sample",
    arguments: [
      ("rotator.yaml", RotatorConfiguration.optionNames), ("agent.yaml", AgentConfiguration.optionNames),
    ])
  func everyKey(file: String, names: [String]) throws {
    let text = try Self.uncommented(file)
    for name in names {
      #expect(text.contains(try Regex("(?m)^ *(- )?\(name):")), "\(name) is not in \(file)")
    }
  }

  private static func path(of file: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../config/\(file)").standardizedFileURL.path
  }

  /// The sample with its left-out options put in: those lines are `#name: value` or `#- name: value`, prose is `# text`.
  private static func uncommented(_ file: String) throws -> String {
    let text = try String(contentsOfFile: path(of: file), encoding: .utf8)
    return text.replacing(try Regex("(?m)^( *)#(?=(?:- )?[a-zA-Z]+:)"), with: { match in match.output[1].substring ?? "" })
  }
}
