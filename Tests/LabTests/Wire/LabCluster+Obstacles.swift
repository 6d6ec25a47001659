import ChildProcesses
import Foundation

extension LabCluster {
  /// The phase of the rotation, or `idle`; `nil` if the rotator does not answer.
  func phase() async -> String? { (try? await json("status"))?["accounts"]?[0]?["phase"]?.string }

  /// Whether every node has carried out its last order.
  func areInOrder() async throws -> Bool {
    let nodes = try await json("status")["accounts"]?[0]?["nodes"]?.array ?? []
    return nodes.count == layout.nodes.count
      && nodes.allSatisfy { $0["behind"]?.boolean == false && $0["fault"]?.string == nil }
  }

  /// Lets the agents hold as many keys as the rotator's policy does.
  func raiseSlotLimit(to limit: Int = 24) throws {
    for node in layout.nodes { try edit("\(node).yaml") { $0 + "\nslotLimit: \(limit)\n" } }
  }

  /// Lets the second node refuse what it is told to hold.
  func makeKeytabsReadOnly() async throws {
    try await lab.run("mount", "--bind", obstructed, obstructed)
    try await lab.run("mount", "-o", "remount,ro,bind", obstructed)
  }

  func makeKeytabsWritable() async throws { try await lab.run("umount", obstructed) }

  private var obstructed: String { "\(directory)/\(layout.nodes[1])/keytabs" }

  /// Takes the right to reset the password from the rotator while `body` runs.
  func denyingReset(_ body: () async throws -> Void) async throws {
    let database = "\(lab.state)/dc1/private/sam.ldb"
    let name = layout.account.split(separator: "\\").last ?? ""
    let entry = try await lab.run("ldbsearch", "-H", database, "(sAMAccountName=\(name))", "nTSecurityDescriptor")
    let lines = entry.replacing("\n ", with: "").split(separator: "\n")
    guard let dn = lines.first(where: { $0.hasPrefix("dn: ") })?.dropFirst(4),
      let descriptor = lines.first(where: { $0.hasPrefix("nTSecurityDescriptor:") })
    else { throw Timeout(what: "the account's descriptor can be read") }
    let rotator = try LabAccount.rotatorIdentifier()
    try await lab.run(
      "samba-tool", "dsacl", "set", "-H", database, "--objectdn=\(dn)",
      "--sddl=(OD;;CR;00299570-246d-11d0-a768-00aa006e0529;;\(rotator))")
    do { try await body() } catch {
      try await restore(descriptor, of: dn, in: database)
      throw error
    }
    try await restore(descriptor, of: dn, in: database)
  }

  private func restore(_ descriptor: Substring, of dn: Substring, in database: String) async throws {
    try await lab.run(
      "ldbmodify", "-H", database,
      input: "dn: \(dn)\nchangetype: modify\nreplace: nTSecurityDescriptor\n\(descriptor)\n")
  }
}
