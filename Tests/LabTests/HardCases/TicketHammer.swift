import ChildProcesses
import Foundation
import Testing

/// Presents every ticket that it was given to every node, again and again, while something else happens.
actor TicketHammer {
  private let cluster: LabCluster
  private var caches: [String] = []
  private(set) var accepted = 0
  private(set) var refused: [String] = []

  init(_ cluster: LabCluster) { self.cluster = cluster }

  /// Gets a ticket for every SPN as a client has it now, and goes on presenting it.
  func add(_ name: String) async throws { caches.append(try await cluster.clientTickets(name)) }

  /// Runs `body`, and meanwhile as many rounds as it takes.
  func during<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    let rounds = Task { while !Task.isCancelled { try await self.round() } }
    do {
      let result = try await body()
      rounds.cancel()
      _ = await rounds.result
      try await round()
      return result
    } catch {
      rounds.cancel()
      throw error
    }
  }

  private func round() async throws {
    for cache in caches {
      for node in cluster.layout.nodes {
        if try await cluster.accepts(node, tickets: cache) { accepted += 1 } else { refused.append("\(node) \(cache)") }
      }
    }
  }
}
