import Yams

/// Parses the text of a configuration into a tree of nodes that know their lines.
enum YAMLDocument {
  /// Parses one document whose root is a mapping; reports and returns `nil` otherwise.
  static func root(of yaml: String, reportingTo faults: FaultCollector) -> Node.Mapping? {
    guard yaml.utf8.count <= ConfigurationFile.sizeLimit else {
      faults.report(1, "the configuration is larger than 1 MiB")
      return nil
    }
    do {
      let parser = try Parser(yaml: yaml)
      // The parser owns the anchors that nodes refer to only weakly; it must outlive the search for them.
      return try withExtendedLifetime(parser) { root(in: try parser.singleRoot(), reportingTo: faults) }
    } catch {
      report(error, in: yaml, to: faults)
      return nil
    }
  }

  private static func root(in node: Node?, reportingTo faults: FaultCollector) -> Node.Mapping? {
    guard let node else {
      faults.report(1, "the file is empty", remedy: "start from the commented sample")
      return nil
    }
    // Aliases multiply: a few lines of them make a tree without end. No configuration needs them.
    if let line = firstAnchor(in: node) {
      faults.report(line, "anchors (&name) and aliases (*name) are not accepted", remedy: "write the value out")
      return nil
    }
    guard case .mapping(let mapping) = node else {
      faults.report(node.line, "expected 'key: value' lines at the top level")
      return nil
    }
    return mapping
  }

  private static func firstAnchor(in node: Node) -> Int? {
    if node.anchor != nil { return node.line }
    switch node {
    case .scalar, .alias: return nil
    case .sequence(let sequence): return sequence.lazy.compactMap { firstAnchor(in: $0) }.first
    case .mapping(let mapping):
      return mapping.lazy.compactMap { firstAnchor(in: $0.key) ?? firstAnchor(in: $0.value) }.first
    }
  }

  private static func report(_ error: any Error, in yaml: String, to faults: FaultCollector) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
      faults.report(mark.line, "is not well-formed YAML: \(problem)", remedy: "look at this line and the one before")
    case .reader(let problem, let offset, _, _):
      let line = yaml.prefix(offset ?? 0).count { $0.isNewline } + 1
      faults.report(line, "is not well-formed YAML: \(problem)", remedy: "remove the control character")
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      faults.report(context.mark.line, "duplicate key \(names), given here first", remedy: "keep one of them")
    default:
      faults.report(1, "is not well-formed YAML")
    }
  }
}

extension Node {
  /// The line that the node starts in, from 1.
  var line: Int { mark?.line ?? 1 }
}
