import ChildProcesses
import Foundation

extension LabCluster {
  /// A file with a client's credentials for every SPN, as an ordinary domain user gets them now.
  ///
  /// - Parameter controller: The address of the KDC that issues them; `nil`: the lab's first.
  func clientTickets(_ name: String, of controller: String? = nil) async throws -> String {
    let cache = "\(directory)/\(name).ccache"
    var environment = ["KRB5CCNAME": "FILE:\(cache)"]
    if let controller { environment["KRB5_CONFIG"] = try kerberosConfiguration(for: controller) }
    try await lab.run(
      "kinit", "Administrator@\(lab.realm)", input: lab.administratorPassword + "\n", environment: environment)
    for spn in layout.servicePrincipalNames { try await lab.run("kvno", spn, environment: environment) }
    return cache
  }

  /// A krb5.conf that knows no other KDC.
  func kerberosConfiguration(for controller: String) throws -> String {
    let path = "\(directory)/krb5-\(controller).conf"
    let text = try String(contentsOfFile: "/etc/krb5.conf", encoding: .utf8)
    try text.replacing(lab.controllerAddress, with: controller).write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Whether MIT's own tool opens the cached ticket for every SPN with the node's keytab.
  func accepts(_ node: String, tickets cache: String) async throws -> Bool {
    for spn in layout.servicePrincipalNames {
      let result = try await lab.result(
        of: ["kvno", "--cached-only", "-k", keytab(of: node), spn], environment: ["KRB5CCNAME": "FILE:\(cache)"])
      guard result.status == 0, result.output.contains("keytab entry valid") else { return false }
    }
    return true
  }

  /// The lines of `klist -ekt` on a node's keytab, as (kvno, principal without realm, encryption type).
  func entries(of node: String) async throws -> [KeytabLine] {
    let output = try await lab.run("klist", "-ekt", keytab(of: node))
    return output.split(separator: "\n").compactMap(KeytabLine.init)
  }

  /// What `status` says of a node's slots: position to kvno.
  func slots(of node: String) async throws -> [String: Int] {
    let status = try await json("status", node)
    let slots = status["accounts"]?[0]?["nodes"]?[0]?["slots"]?.array ?? []
    return Dictionary(
      slots.compactMap { slot in
        guard let position = slot["position"]?.string, let version = slot["version"]?.number else { return nil }
        return (position, Int(version))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Rotates without asking and returns the last line's document.
  func rotate() async throws -> (status: Int32, ended: JSONValue, errors: String) {
    let result = try await asactl("rotate", "--yes", "--json")
    let last = result.output.split(separator: "\n").last.map(String.init) ?? "null"
    return (result.status, try JSONDecoder().decode(JSONValue.self, from: Data(last.utf8)), result.errors)
  }
}

/// One line of `klist -ekt`.
struct KeytabLine: Hashable, Sendable {
  let version: Int
  let principal: String
  let encryptionType: String

  init?(_ line: Substring) {
    let fields = line.split(separator: " ", omittingEmptySubsequences: true)
    guard fields.count >= 5, let version = Int(fields[0]), let principal = fields[3].split(separator: "@").first else {
      return nil
    }
    self.version = version
    self.principal = String(principal)
    encryptionType = fields[4].trimmingCharacters(in: CharacterSet(charactersIn: "()"))
  }
}
