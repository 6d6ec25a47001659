import Configuration
import Foundation
import RotationCore
import Testing

@Suite("The examples")
struct ExampleConfigurationTests {
  static let names = ["two-sites-one-account", "two-sites-account-per-array", "two-realms"]

  @Test("Every directory of examples is known here")
  func complete() throws {
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: Self.directory)) == Set(Self.names))
  }

  @Test("A rotator and its agents load without a fault", arguments: names)
  func loads(example: String) throws {
    _ = try RotatorConfiguration.check(path: Self.path(of: "rotator.yaml", in: example)).get()
    _ = try AgentConfiguration.check(path: Self.path(of: "agent.yaml", in: example)).get()
  }

  @Test(
    "The node that an example is written for has a keytab for each account that its arrays hold, and for no other",
    arguments: names)
  func agentFitsRotator(example: String) throws {
    let rotator = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml", in: example))
    let agent = try AgentConfiguration.load(path: Self.path(of: "agent.yaml", in: example))
    let arrays = rotator.arrays.filter { $0.nodes.contains(agent.node) }.map(\.name)
    let held = rotator.accounts.filter { !Set($0.arrays).isDisjoint(with: arrays) }.map(\.name)
    #expect(!held.isEmpty)
    #expect(Set(agent.keytabs.map(\.account)) == Set(held))
    #expect(agent.rotators.map(\.port) == [rotator.agents.port])
  }

  @Test(
    "Two sites are two arrays with four nodes and eight SPNs, on one account or on one for each array",
    arguments: [("two-sites-one-account", 1), ("two-sites-account-per-array", 2)])
  func sites(example: String, accounts: Int) throws {
    let rotator = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml", in: example))
    #expect(rotator.accounts.count == accounts)
    #expect(rotator.arrays.count == 2)
    #expect(Set(rotator.arrays.flatMap(\.nodes)).count == 4)
    #expect(Set(rotator.accounts.flatMap(\.servicePrincipalNames)).count == 8)
  }

  @Test("Two realms are two directories, each with a keytab for the rotator's own principal and with an account")
  func realms() throws {
    let rotator = try RotatorConfiguration.load(path: Self.path(of: "rotator.yaml", in: "two-realms"))
    #expect(rotator.accounts.map(\.realm) == rotator.directories.map(\.realm))
    #expect(Set(rotator.directories.map(\.keytab)).count == 2)
  }

  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../config/examples").standardizedFileURL.path

  private static func path(of file: String, in example: String) -> String { "\(directory)/\(example)/\(file)" }
}
