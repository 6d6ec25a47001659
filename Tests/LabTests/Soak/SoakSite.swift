import ChildProcesses
import Foundation

/// A cluster under load: rotator, agents, what accepts on their nodes, and clients.
struct SoakSite: Sendable {
  let cluster: LabCluster
  let service: SharedService
  let clients: ServiceClients
  let progress = SoakProgress()

  var nodes: [String] { cluster.layout.nodes }

  /// A consumer that caches its keytab, on one of the nodes: its agent restarts it for every key.
  var cached: CachedConsumer { CachedConsumer(cluster: cluster, node: nodes[0]) }

  /// Where clients present their tickets.
  var acceptors: [String] { service.acceptors + [cached.target] }

  static func layout(_ name: String) -> LabCluster.Layout {
    LabCluster.Layout(
      account: "LAB\\\(name.uppercased())$", servicePrincipalNames: ["http/\(name).lab.example"],
      nodes: (1...3).map { "\(name)-\($0).lab.example" }, policy: policy(require: "all"), hasBothControllers: true,
      hasFaultHooks: true)
  }

  /// While a node is out on purpose, the others are enough; at any other time one that serves clients must not be left out.
  static func policy(require: String) -> String {
    "every: 30d, require: \(require), stagingDeadline: 10s, proofDeadline: 5s, absentGrace: 2s, slotLimit: \(SoakSettings.slotLimit)"
  }

  /// Makes everything, starts nothing, and runs `body`.
  static func with<Result>(_ name: String, _ body: (SoakSite) async throws -> Result) async throws -> Result {
    try await LabCluster.with(layout(name)) { cluster in
      let service = SharedService(cluster: cluster)
      try await service.prepare()
      try CachedConsumer(cluster: cluster, node: cluster.layout.nodes[0]).register()
      try cluster.raiseSlotLimit(to: SoakSettings.slotLimit)
      let clients = try await ServiceClients(of: service)
      let site = SoakSite(cluster: cluster, service: service, clients: clients)
      do {
        let result = try await body(site)
        try await site.cached.stop()
        return result
      } catch {
        try? await site.cached.stop()
        throw error
      }
    }
  }

  /// Starts rotator, agents and acceptors, and once everything accepts, the clients.
  func startAll(_ settings: SoakSettings) async throws {
    try await cluster.giveLinksAddresses()
    try await cluster.startAll()
    try await awaitOrder(after: "the start")
    try await service.startAll()
    try await cached.start()
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
