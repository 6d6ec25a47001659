import ChildProcesses
import Foundation
import Glibc

extension LabCluster {
  /// What the directory says of the account.
  struct DirectoryEntry: Equatable, Sendable {
    let version: Int
    let stamp: String?
  }

  /// Sends all of a rotator's traffic with the domain controller through a proxy.
  func route(_ rotator: String = "rotator", through proxy: WireProxy, timeout: String) throws {
    try change(
      "\(rotator).yaml",
      [
        "address: \(lab.controllerAddress)": "address: \(proxy.address)",
        "    principal: svc-asa-rotator\n": "    principal: svc-asa-rotator\n    timeout: \(timeout)\n",
      ])
  }

  /// Makes a second rotator with the configuration of the first, its store still to come, and has the agents dial both.
  func makeSecondRotator(_ name: String) throws {
    let port = PortCounter.next()
    try FileManager.default.copyItem(atPath: "\(directory)/rotator.yaml", toPath: "\(directory)/\(name).yaml")
    try change(
      "\(name).yaml",
      [
        "127.0.0.1:\(self.port)": "127.0.0.1:\(port)",
        "directory: \(directory)/store,": "directory: \(directory)/\(name)-store,",
        "directory: \(directory)/run ": "directory: \(directory)/\(name)-run ",
      ])
    for node in layout.nodes {
      let certificate = "name: rotator.\(lab.dnsDomain)"
      try change(
        "\(node).yaml",
        [
          "rotator: { address: \"127.0.0.1:\(self.port)\", \(certificate) }":
            "rotator:\n  - { address: \"127.0.0.1:\(self.port)\", \(certificate) }\n  - { address: \"127.0.0.1:\(port)\", \(certificate) }"
        ])
    }
  }

  /// Starts a rotator by name; the first is called `rotator`.
  func startRotator(_ name: String) async throws {
    try await daemons.start(
      name, ["\(Self.programs)/asa-rotatord", "--config", "\(directory)/\(name).yaml"], log: "\(directory)/\(name).log")
    try await waitUntil("\(name)'s control socket answers") { try await asactl(on: name, ["status"]).status == 0 }
  }

  /// Runs `asactl` against one of two rotators.
  func asactl(on rotator: String, _ arguments: [String]) async throws -> LabFixture.CommandResult {
    let run = rotator == "rotator" ? "run" : "\(rotator)-run"
    return try await self.run("asactl", arguments + ["--socket-directory", "\(directory)/\(run)"])
  }

  /// The JSON document that a command prints with `--json`.
  func json(on rotator: String, _ arguments: [String]) async throws -> JSONValue {
    let result = try await asactl(on: rotator, arguments + ["--json"])
    guard result.status == 0 else { throw LabFixture.CommandFailure(command: arguments, result: result) }
    return try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
  }

  /// Whether every node is attached to a rotator and has reported its keytabs.
  func areAttached(to rotator: String) async throws -> Bool {
    let listed = try await json(on: rotator, ["status"])["accounts"]?[0]?["nodes"]?.array ?? []
    return layout.nodes.allSatisfy { node in
      listed.contains {
        $0["node"]?.string == node && $0["connection"]?.string == "attached" && $0["keytabs"]?.array?.isEmpty == false
      }
    }
  }

  /// Gives one rotator a copy of another's store. Neither may be running.
  func copyStore(of original: String, to copy: String) throws {
    let folder = { (name: String) in "\(self.directory)/\(name == "rotator" ? "store" : "\(name)-store")" }
    try? FileManager.default.removeItem(atPath: folder(copy))
    try FileManager.default.copyItem(atPath: folder(original), toPath: folder(copy))
  }

  /// Kills a daemon as the kernel does when memory runs out.
  func kill(_ name: String) async { await daemons.kill(name) }

  /// The account as an administrator reads it over LDAP.
  func directoryEntry() async throws -> DirectoryEntry {
    let cache = ["KRB5CCNAME": "FILE:\(directory)/administrator.ccache"]
    if !FileManager.default.fileExists(atPath: "\(directory)/administrator.ccache") {
      try await lab.run("kinit", "Administrator@\(lab.realm)", input: lab.administratorPassword + "\n", environment: cache)
    }
    let name = layout.account.split(separator: "\\").last ?? ""
    let base = lab.dnsDomain.split(separator: ".").map { "DC=\($0)" }.joined(separator: ",")
    let output = try await lab.run(
      "ldapsearch", "-LLL", "-Q", "-o", "ldif-wrap=no", "-Y", "GSSAPI", "-H", "ldap://\(lab.controllerHost)", "-b", base,
      "(sAMAccountName=\(name))", "msDS-KeyVersionNumber", "adminDescription", environment: cache)
    let values = Dictionary(
      output.split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: ": ", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
      }, uniquingKeysWith: { first, _ in first })
    guard let version = values["msDS-KeyVersionNumber"].flatMap({ Int($0) }) else { throw CocoaError(.coderInvalidValue) }
    return DirectoryEntry(version: version, stamp: values["adminDescription"])
  }

  private func change(_ file: String, _ replacements: [String: String]) throws {
    var text = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
    for (old, new) in replacements {
      guard text.contains(old) else { throw Timeout(what: "\(file) has '\(old)'") }
      text = text.replacing(old, with: new)
    }
    try text.write(toFile: "\(directory)/\(file)", atomically: false, encoding: .utf8)
  }
}
