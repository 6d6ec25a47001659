import ChildProcesses
import Foundation

/// The links between the rotator and its agents, which a test can cut one by one.
extension LabCluster {
  /// Each agent dials the rotator at an address of its own, which can be taken away. Before the daemons start.
  func giveLinksAddresses() async throws {
    try edit("rotator.yaml") { $0.replacing("127.0.0.1:\(port)", with: "0.0.0.0:\(port)") }
    for node in layout.nodes {
      try await restoreLink(of: node)
      try edit("\(node).yaml") { $0.replacing("127.0.0.1:\(port)", with: "\(linkAddress(of: node)):\(port)") }
    }
  }

  /// What is sent to an address that is nowhere gets lost: neither side is told that the other is gone.
  func cutLink(of node: String) async throws {
    try await lab.run("ip", "address", "del", "\(linkAddress(of: node))/32", "dev", "lo")
  }

  func restoreLink(of node: String) async throws {
    try await lab.run("ip", "address", "replace", "\(linkAddress(of: node))/32", "dev", "lo")
  }

  private func linkAddress(of node: String) -> String {
    "10.\(port >> 8).\(port & 0xFF).\(1 + (layout.nodes.firstIndex(of: node) ?? 0))"
  }
}
