import ChildProcesses
import Foundation

/// Clients of a shared service: who collects tickets from each domain controller, who presents them to every node, and who browses through
/// the balancer.
struct ServiceClients: Sendable {
  let service: SharedService
  private let principal: String
  private let controllers: [(name: String, address: String)]

  private var cluster: LabCluster { service.cluster }
  private var directory: String { cluster.directory }
  private var tickets: String { "\(directory)/tickets" }
  private var keytab: String { "\(directory)/client.keytab" }

  /// Makes an ordinary user of the domain, whom every controller knows.
  init(of service: SharedService) async throws {
    let lab = service.cluster.lab
    self.service = service
    principal = "client-\(service.host.prefix { $0 != "." })"
    let second = lab.secondController.map { [("dc2", $0.address)] } ?? []
    controllers = [("dc1", lab.controllerAddress)] + second
    try FileManager.default.createDirectory(atPath: tickets, withIntermediateDirectories: true)
    try await lab.run("make-account", principal, "--user", "--spn", "client/\(principal)")
    try await lab.run("export-keytab", principal, keytab)
    if !second.isEmpty { try await lab.run("replication", "force", "dc1", "dc2") }
  }

  /// Begins to collect tickets, and returns when there is one of each controller.
  func startCollecting() async throws {
    for controller in controllers {
      try await start(
        "collector-\(controller.name)",
        [
          "collect-tickets", "--controller", controller.name, "--principal", principal, "--keytab", keytab, "--service",
          "HTTP/\(service.host)", "--directory", tickets, "--every", "0.5",
        ], environment: ["KRB5_CONFIG": try cluster.kerberosConfiguration(for: controller.address)])
    }
    try await cluster.waitUntil("there are tickets of every controller") {
      Set(held().map(\.controller)).count == controllers.count
    }
  }

  /// Begins to present tickets to acceptors, by so many processes that each present `rate` a second.
  func startPresenting(to acceptors: [String], processes: Int, rate: Int) async throws {
    for number in 1...processes {
      try await start("presenter-\(number)", presenting("presenter-\(number)") + ["--rate", "\(rate)"] + acceptors)
    }
  }

  /// Begins to browse, so many times a second.
  func startBrowsing(rate: Int) async throws {
    try await start(
      "browser",
      [
        "browse", "--tickets", tickets, "--url", "http://\(service.host):\(SharedService.port)/page", "--address",
        service.address, "--tally", tallyFile("browser"), "--rate", "\(rate)",
      ])
  }

  /// Ends every client, and returns what became of all they did.
  @discardableResult
  func stop() async -> ServiceTally {
    let names = (1...9).map { "presenter-\($0)" } + ["browser"] + controllers.map { "collector-\($0.name)" }
    for name in names { await cluster.stop(name) }
    return tally()
  }

  /// What became of all that the clients have done so far.
  func tally() -> ServiceTally {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(".tally") }
    return files.compactMap { try? ServiceTally(file: "\(directory)/\($0)") }.reduce(into: ServiceTally()) { $0.add($1) }
  }

  /// What became of browsing alone.
  func browserTally() throws -> ServiceTally { try ServiceTally(file: tallyFile("browser")) }

  /// Presents one ticket of each kvno from each controller to each of the acceptors.
  func presentEachOnce(to acceptors: [String]) async throws -> ServiceTally {
    let command = presenting("once") + ["--each-once"] + acceptors
    try await cluster.lab.run(["\(SharedService.programs)/\(command[0])"] + command.dropFirst())
    defer { try? FileManager.default.removeItem(atPath: tallyFile("once")) }
    return try ServiceTally(file: tallyFile("once"))
  }

  /// The tickets that are held now.
  func held() -> [HeldTicket] {
    ((try? FileManager.default.contentsOfDirectory(atPath: tickets)) ?? []).compactMap(HeldTicket.init)
  }

  private func presenting(_ name: String) -> [String] {
    ["present-tickets", "--tickets", tickets, "--service", "HTTP@\(service.host)", "--tally", tallyFile(name)]
  }

  private func tallyFile(_ name: String) -> String { "\(directory)/\(name).tally" }

  private func start(_ name: String, _ command: [String], environment: [String: String] = [:]) async throws {
    try await cluster.daemons.start(
      name, ["\(SharedService.programs)/\(command[0])"] + command.dropFirst(), log: "\(directory)/\(name).log",
      environment: environment)
  }
}

/// A client's ticket, by the name of its credentials cache.
struct HeldTicket: Hashable, Sendable {
  let controller: String
  let version: Int

  init?(_ file: String) {
    let parts = file.split(separator: ".")
    guard parts.count == 4, parts[3] == "ccache", let version = Int(parts[1]) else { return nil }
    (controller, self.version) = (String(parts[0]), version)
  }
}
