import ChildProcesses
import Foundation

/// A new password as people set it by hand: in the directory first, then the keytab is exported and copied to one node after the other.
struct HandMadeRotation: Sendable {
  let cluster: LabCluster

  private var account: String { cluster.layout.account.split(separator: "\\").last.map(String.init) ?? "" }

  func rotate() async throws {
    try await cluster.lab.run(
      "samba-tool", "user", "setpassword", account, "--newpassword=By-Hand-\(UUID().uuidString)", "-H",
      "\(cluster.lab.state)/dc1/private/sam.ldb")
    let keytab = "\(cluster.directory)/exported.keytab"
    try? FileManager.default.removeItem(atPath: keytab)
    try await cluster.lab.run(["export-keytab", account, keytab] + cluster.layout.servicePrincipalNames)
    for node in cluster.layout.nodes {
      try await Task.sleep(for: .milliseconds(300))
      try await install(keytab, on: node)
    }
  }

  /// With the owners and the mode of the one before, and never half of it.
  private func install(_ keytab: String, on node: String) async throws {
    let installed = cluster.keytab(of: node)
    try await cluster.lab.run("install", "--mode=0640", "--group=www-data", keytab, "\(installed).new")
    try await cluster.lab.run("mv", "\(installed).new", installed)
  }
}
