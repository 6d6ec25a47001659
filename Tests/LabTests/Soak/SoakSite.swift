import ChildProcesses
import Foundation

/// A cluster under load: rotator, agents, what accepts on their nodes, and clients.
struct SoakSite: Sendable {
  let cluster: LabCluster
  let service: SharedService
  let clients: ServiceClients
  let progress = SoakProgress()

  var nodes: [String] { cluster.layout.nodes }

  /// Where clients present their tickets. Consumers that cache their keytab (``CachedConsumer``) join in here, once agents restart them.
  var acceptors: [String] { service.acceptors }

  static func layout(_ name: String) -> LabCluster.Layout {
    LabCluster.Layout(
      account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
      nodes: (1...3).map { "\(name)-\($0).lab.example" }, policy: policy(require: "all"), hasBothControllers: true,
      hasFaultHooks: true)
  }

  /// While a node is out on purpose, the others are enough; at any other time one that serves clients must not be left out.
  static func policy(require: String) -> String {
    "every: 30d, require: \(require), stagingDeadline: 10s, proofDeadline: 5s, slotLimit: \(SoakSettings.slotLimit)"
  }

  /// Makes everything, starts nothing, and runs `body`.
  static func with<Result>(_ name: String, _ body: (SoakSite) async throws -> Result) async throws -> Result {
    try await LabCluster.with(layout(name)) { cluster in
      let service = SharedService(cluster: cluster)
      try await service.prepare()
      try cluster.raiseSlotLimit(to: SoakSettings.slotLimit)
      let clients = try await ServiceClients(of: service)
      return try await body(SoakSite(cluster: cluster, service: service, clients: clients))
    }
  }

  /// Starts rotator, agents and acceptors, and once everything accepts, the clients.
  func startAll(_ settings: SoakSettings) async throws {
    try await giveLinksAddresses()
    try await cluster.startAll()
    try await awaitOrder(after: "the start")
    try await service.startAll()
    try await startClients(settings)
  }

  func startClients(_ settings: SoakSettings) async throws {
    try await clients.startCollecting()
    try await clients.startPresenting(to: acceptors, processes: settings.presenters, rate: settings.rate)
    try await clients.startBrowsing(rate: settings.browserRate)
  }

  /// Returns when every node is attached, holds what it shall, and is in service.
  func awaitOrder(after what: String) async throws {
    try await cluster.waitUntil("every node is in order after \(what)", within: .seconds(90)) {
      guard nodes.allSatisfy(cluster.isReady), (try? await cluster.areInOrder()) == true else { return false }
      return await cluster.phase() == "idle"
    }
  }

  /// The most keys that a node holds now.
  func slotCount() async throws -> Int {
    let listed = try await cluster.json("status")["accounts"]?[0]?["nodes"]?.array ?? []
    return listed.compactMap { $0["slots"]?.array?.count }.max() ?? 0
  }
}

// MARK: - The links between the rotator and its agents

extension SoakSite {
  /// Each agent dials the rotator at an address of its own, which can be taken away.
  private func giveLinksAddresses() async throws {
    try cluster.edit("rotator.yaml") { $0.replacing("127.0.0.1:\(cluster.port)", with: "0.0.0.0:\(cluster.port)") }
    for node in nodes {
      try await restoreLink(of: node)
      try cluster.edit("\(node).yaml") {
        $0.replacing("127.0.0.1:\(cluster.port)", with: "\(linkAddress(of: node)):\(cluster.port)")
      }
    }
  }

  /// What is sent to an address that is nowhere gets lost: neither side is told that the other is gone.
  func cutLink(of node: String) async throws {
    try await cluster.lab.run("ip", "address", "del", "\(linkAddress(of: node))/32", "dev", "lo")
  }

  func restoreLink(of node: String) async throws {
    try await cluster.lab.run("ip", "address", "replace", "\(linkAddress(of: node))/32", "dev", "lo")
  }

  private func linkAddress(of node: String) -> String { "10.77.0.\(1 + (nodes.firstIndex(of: node) ?? 0))" }
}
