package import RotationCore
package import WebProbe

/// Asks the web server of every node for one page, at the node's own address and under the shared name, with real tickets.
package struct WebVerification: Sendable {
  /// Asks for the addresses of a host name.
  package typealias Lookup = @Sendable (_ host: String) async throws(WebFailure) -> HostLookup

  /// Asks the server at an address with a ticket.
  package typealias Probe = @Sendable (WebAddress, any NegotiationTicket) async throws(OperatorFault) -> WebOutcome

  /// As many servers as are asked at once.
  private static let width = 16

  let target: WebTarget
  let account: AccountDocument
  private let probe: Probe
  let lookup: Lookup

  /// - Parameters:
  ///   - target: What is asked for.
  ///   - account: The account whose key the shared name has, as the rotator knows it.
  ///   - probe: The one that asks, for the same target.
  ///   - lookup: The resolver.
  package init(_ target: WebTarget, of account: AccountDocument, probe: @escaping Probe, lookup: @escaping Lookup) {
    self.target = target
    self.account = account
    self.probe = probe
    self.lookup = lookup
  }

  /// Gets the tickets, asks every server with each of them, and sums up.
  ///
  /// - Parameters:
  ///   - choices: The nodes that are asked; empty: all that are not revoked.
  ///   - sources: The domain controllers, in the order in which they are tried.
  ///   - isFull: Whether tickets of all of them are presented; otherwise that of the first that gives one.
  ///   - progress: Told how many servers have answered, of how many.
  /// - Throws: ``OperatorFault``: of kind `.usage` for a node that is not the account's, of `.noInput` if there is none, of the domain controllers' if
  ///   none of them gives a ticket.
  package func document(
    nodes choices: [NodeChoice], tickets sources: [WebTicketSource], isFull: Bool,
    progress: @Sendable (_ answered: Int, _ all: Int) throws -> Void = { _, _ in }
  ) async throws -> WebVerificationDocument {
    let asked = try asked(choices)
    let tickets = try await WebTickets.collect(from: sources, isFull: isFull)
    var questions: [WebQuestion] = []
    for (node, address) in asked {
      let places = await places(of: node, address)
      questions += tickets.held.flatMap { ticket in places.map { WebQuestion(node: node, place: $0, ticket: ticket) } }
    }
    let verdicts = try await verdicts(on: questions, progress)
    return WebVerificationDocument(
      target: target, account: account.account, tickets: tickets.documents, verdicts: verdicts,
      warnings: await nameWarnings() + nodeWarnings(choices) + keyWarnings(verdicts),
      isFull: isFull)
  }

  /// The nodes that are asked, with the address that was given on the command line.
  private func asked(_ choices: [NodeChoice]) throws(OperatorFault) -> [(NodeSlotsDocument, String?)] {
    guard choices.isEmpty else {
      var asked: [(NodeSlotsDocument, String?)] = []
      for choice in choices { asked.append((try node(choice.node), choice.address)) }
      return asked
    }
    let nodes = account.nodes.filter { $0.connection != "revoked" }
    guard !nodes.isEmpty else {
      throw OperatorFault(.noInput, account.account, "has no node that could be asked", remedy: "see asactl nodes list")
    }
    return nodes.map { ($0, nil) }
  }

  private func node(_ name: String) throws(OperatorFault) -> NodeSlotsDocument {
    if let node = account.nodes.first(where: { $0.node == name }) { return node }
    let names = account.nodes.map(\.node)
    let meant = NearestMatch.of(name, among: names).map { "did you mean \($0)" }
    throw OperatorFault(
      .usage, "node \(name)", "is not one of \(account.account)",
      remedy: meant ?? "its nodes are \(names.joined(separator: ", "))")
  }

  private func places(of node: NodeSlotsDocument, _ address: String?) async -> [Result<WebAddress, WebFailure>] {
    if let address = address.flatMap({ WebAddress(parsing: $0, port: target.port) }) { return [.success(address)] }
    do throws(WebFailure) {
      let places = try await lookup(node.node).addresses.compactMap { WebAddress($0, port: target.port) }
      return places.isEmpty ? [.failure(.unresolved("it has no address"))] : places.map { .success($0) }
    } catch {
      return [.failure(error)]
    }
  }

  private func verdicts(
    on questions: [WebQuestion], _ progress: @Sendable (Int, Int) throws -> Void
  ) async throws -> [WebVerdictDocument] {
    try await withThrowingTaskGroup(of: WebVerdictDocument.self) { group in
      var rest = questions[...]
      for question in rest.prefix(Self.width) { group.addTask { try await question.verdict(by: probe) } }
      rest = rest.dropFirst(Self.width)
      var verdicts: [WebVerdictDocument] = []
      for try await verdict in group {
        verdicts.append(verdict)
        try progress(verdicts.count, questions.count)
        if let question = rest.popFirst() { group.addTask { try await question.verdict(by: probe) } }
      }
      return verdicts
    }
  }
}
