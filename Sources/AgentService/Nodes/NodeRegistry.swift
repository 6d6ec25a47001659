package import Foundation
import GRPCCore
package import RotationCore

/// Which stream, if any, speaks for each configured node. Pure: past-tense events in, decisions out.
package struct NodeRegistry: Sendable {
  /// Names one stream for as long as the process lives.
  package typealias StreamID = UInt64

  private struct Entry {
    /// Whether an array of the configuration names the node.
    var isConfigured = false
    /// The installation that the name is bound to, since its first attach.
    var installation: String?
    /// Certificates issued up to then are refused.
    var revokedAt: Date?
    /// The live stream.
    var stream: StreamID?
  }

  private var entries: [NodeName: Entry] = [:]

  /// Starts from what the store remembers, of nodes outside the configuration too: they may come back to it. A binding that is older
  /// than the node's revocation no longer counts.
  package init(nodes: some Sequence<NodeName>, records: [NodeName: NodeRecord]) {
    for (node, record) in records {
      let isBound = record.revokedAt.map { (record.lastSeen ?? .distantPast) > $0 } ?? true
      entries[node] = Entry(installation: isBound ? record.installation : nil, revokedAt: record.revokedAt)
    }
    for node in nodes { entries[node, default: Entry()].isConfigured = true }
  }

  /// The configuration names these nodes now. What is known of the others is kept. Returns the streams to cut, those of nodes that it
  /// no longer names.
  package mutating func nodesWereConfigured(_ nodes: Set<NodeName>) -> [NodeName: StreamID] {
    let gone = entries.keys.filter { !nodes.contains($0) }
    for node in gone { entries[node]?.isConfigured = false }
    for node in nodes { entries[node, default: Entry()].isConfigured = true }
    return gone.reduce(into: [:]) { cut, node in cut[node] = streamWasCut(of: node) }
  }

  /// The node's stream is to be cut: it no longer speaks for the node. Returns the stream, if there is one.
  package mutating func streamWasCut(of node: NodeName) -> StreamID? {
    defer { entries[node]?.stream = nil }
    return entries[node]?.stream
  }

  /// Why a certificate of this node, issued at `issued`, is of no use; `nil` if it is.
  package func refusal(of node: NodeName, issued: Date) -> LinkRefusal? {
    guard let entry = entries[node], entry.isConfigured else {
      return Self.notConfigured(node)
    }
    guard let revokedAt = entry.revokedAt, issued <= revokedAt else { return nil }
    return Self.refusal(
      .permissionDenied, node, "certificate was revoked at \(revokedAt.formatted(.iso8601))",
      "issue a new one with `asactl pki issue`")
  }

  /// An agent proved that it holds the node's certificate. Returns the stream that the new one replaces, if any.
  ///
  /// - Throws: ``LinkRefusal`` if the node is unknown or revoked, or its name belongs to another installation.
  package mutating func agentProvedItself(
    as node: NodeName, installation: String, issued: Date, stream: StreamID
  ) throws(LinkRefusal) -> StreamID? {
    if let refusal = refusal(of: node, issued: issued) { throw refusal }
    if let bound = entries[node]?.installation, bound != installation {
      throw Self.refusal(
        .alreadyExists, node, "belongs to agent installation \(bound); installation \(installation) was refused",
        "stop one of the two, or, if the node was installed anew, run `asactl nodes revoke \(node)` and issue a new certificate"
      )
    }
    entries[node]?.installation = installation
    let replaced = entries[node]?.stream
    entries[node]?.stream = stream
    return replaced
  }

  /// Whether `stream` is the one that speaks for the node.
  package func isLive(_ stream: StreamID, of node: NodeName) -> Bool { entries[node]?.stream == stream }

  /// The stream that speaks for the node.
  package func liveStream(of node: NodeName) -> StreamID? { entries[node]?.stream }

  /// A stream ended. Returns whether it still spoke for the node.
  package mutating func streamEnded(_ stream: StreamID, of node: NodeName) -> Bool {
    guard isLive(stream, of: node) else { return false }
    entries[node]?.stream = nil
    return true
  }

  /// The administrator revoked the node: its name is free for another installation with a newer certificate. Returns the stream to cut.
  package mutating func nodeWasRevoked(_ node: NodeName, at instant: Date) -> StreamID? {
    entries[node, default: Entry()].revokedAt = instant
    entries[node]?.installation = nil
    return streamWasCut(of: node)
  }

  /// The refusal of a node that no array of the configuration names.
  static func notConfigured(_ node: NodeName) -> LinkRefusal {
    refusal(
      .permissionDenied, node, "is in no array of the rotator's configuration",
      "add it to an array of an account, or stop its agent")
  }

  private static func refusal(_ code: RPCError.Code, _ node: NodeName, _ problem: String, _ remedy: String) -> LinkRefusal {
    LinkRefusal(code, OperatorFault(.permission, "node \(node)", problem, remedy: remedy))
  }
}
