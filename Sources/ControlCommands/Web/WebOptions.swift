import ArgumentParser
import RotationCore
import WebProbe

/// What `asactl verify --http` wants to know.
struct WebOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("http"),
    help: ArgumentHelp("Ask every node's own web server for this page of the shared name, with a ticket.", valueName: "url"),
    transform: WebArguments.target)
  var target: WebTarget?
  @Option(
    name: .customLong("node"),
    help: ArgumentHelp(
      "With --http, ask this node only, at this address if its name is not to be looked up; may be repeated.",
      valueName: "name[=address[:port]]"), completion: LiveCompletion.node, transform: WebArguments.node)
  var nodes: [NodeChoice] = []
  @Option(
    name: .customLong("ca"),
    help: ArgumentHelp(
      "With --http, the certificates of the authorities that https may rest on (PEM), instead of those of the system.",
      valueName: "file"), completion: .file())
  var authorities: String?
  @Option(
    name: .customLong("timeout"),
    help: ArgumentHelp(
      "With --http, how long a connection, and then an answer, may take (1 to 300; default 10).", valueName: "seconds"))
  var seconds: Int?

  /// Refuses what belongs to `--http` without it.
  func validate() throws {
    if target == nil, !nodes.isEmpty || authorities != nil || seconds != nil {
      throw ValidationError("--node, --ca and --timeout belong to --http")
    }
    guard (1...300).contains(seconds ?? 1) else { throw ValidationError("--timeout is a number of seconds from 1 to 300") }
  }

  /// The longest that a connection, an answer or a look-up may take.
  var timeout: Duration { .seconds(seconds ?? 10) }

  /// The one that asks.
  ///
  /// - Throws: ``OperatorFault`` if the authorities cannot be read.
  func probe(for target: WebTarget) throws(OperatorFault) -> WebProbe {
    let trust: TrustedAuthorities =
      target.isSecure ? try TrustedAuthorities(file: authorities ?? TrustedAuthorities.systemFile) : .none
    return WebProbe(target, trusting: trust, timeout: timeout)
  }
}

/// A node that is asked, as it is named on the command line.
package struct NodeChoice: Sendable, Equatable {
  /// Its name, lower case.
  package var node: String
  /// Its address, with or without a port; `nil`: its name is looked up.
  package var address: String?

  /// Names a node.
  package init(node: String, address: String? = nil) {
    self.node = node
    self.address = address
  }
}

private enum WebArguments {
  static func target(_ text: String) throws -> WebTarget {
    do { return try WebTarget(text) } catch { throw ValidationError("\(error.problem), \(error.remedy)") }
  }

  static func node(_ text: String) throws -> NodeChoice {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = try NameArguments.node(parts[0])
    guard parts.count == 2 else { return NodeChoice(node: name) }
    guard WebAddress(parsing: parts[1], port: 443) != nil else {
      throw ValidationError(
        "--node '\(text)' is not of the form cas-1.example.com=192.0.2.11 or cas-1.example.com=192.0.2.11:8443")
    }
    return NodeChoice(node: name, address: parts[1])
  }
}
