import ChildProcesses

/// What became of clients that came one after the other, without a pause.
struct ClientTally: Sendable {
  var accepted = 0
  /// Node and credentials of each that was refused.
  var refused: [String] = []
}

extension LabCluster {
  /// Lets clients come to every node while `body` runs: with the tickets that they hold, and each time with new ones.
  func whileClientsCome<Result>(
    with caches: [String], _ body: () async throws -> Result
  ) async throws -> (result: Result, clients: ClientTally) {
    let clients = Task { try await keepComing(with: caches) }
    defer { clients.cancel() }
    let result = try await body()
    clients.cancel()
    return (result, try await clients.value)
  }

  private func keepComing(with caches: [String]) async throws -> ClientTally {
    var tally = ClientTally()
    repeat {
      let fresh = try await clientTickets("coming")
      for cache in caches + [fresh] { try await come(with: cache, to: &tally) }
    } while !Task.isCancelled
    return tally
  }

  private func come(with cache: String, to tally: inout ClientTally) async throws {
    for node in layout.nodes {
      if try await accepts(node, tickets: cache) { tally.accepted += 1 } else { tally.refused.append("\(node) \(cache)") }
    }
  }

  /// The nodes that refuse one of these tickets, with the tickets.
  func refusals(of caches: [String]) async throws -> [String] {
    var tally = ClientTally()
    for cache in caches { try await come(with: cache, to: &tally) }
    return tally.refused
  }
}
