import WebProbe

/// What does not keep a node from accepting a ticket, and clients from having a good time.
extension WebVerification {
  /// Whether clients that look the shared name up come to ask for a ticket of the same name.
  func nameWarnings() async -> [String] {
    do throws(WebFailure) {
      let name = try await lookup(target.host).canonicalName
      guard name != target.host else { return [] }
      return [
        "\(target.host) is an alias (CNAME) of \(name): clients that follow it ask for a ticket of HTTP/\(name); make it an address record, "
          + "or register HTTP/\(name) too"
      ]
    } catch {
      return ["\(target.host) has no address in this host's resolver; clients need one"]
    }
  }

  /// The nodes that were left out because their certificates are revoked.
  func nodeWarnings(_ choices: [NodeChoice]) -> [String] {
    guard choices.isEmpty else { return [] }
    return account.nodes.filter { $0.connection == "revoked" }.map {
      "\($0.node) is revoked and was not asked; clients must not be sent there"
    }
  }

  /// Nodes that accept with a key which the rotator has not given them.
  func keyWarnings(_ verdicts: [WebVerdictDocument]) -> [String] {
    let foreign = verdicts.filter { $0.accepted && $0.position == nil }
    return Set(
      foreign.map {
        "\($0.node) accepts kvno \($0.version), of which the rotator knows no slot there: its web server has a keytab of its own"
      }
    )
    .sorted()
  }
}
