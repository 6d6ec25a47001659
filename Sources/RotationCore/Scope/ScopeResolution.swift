/// What patterns come to in a configuration.
struct ScopeResolution: Sendable {
  /// The configured accounts, by name.
  let accounts: [ManagedAccount]
  /// The nodes that rotations do not wait for.
  let unawaited: Set<NodeName>

  /// The accounts that some node of a scope holds.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` for a pattern that nothing fits; it names the nearest.
  func accounts(in scope: RotationScope) throws(OperatorFault) -> [ScopedAccount] {
    let inside = try nodes(in: scope)
    return accounts.compactMap { account in
      let destinations = account.arrays.sorted { $0.key < $1.key }.compactMap { array, members -> ArrayMembers? in
        let chosen = members.filter(inside.contains).sorted()
        return chosen.isEmpty ? nil : ArrayMembers(array: array, nodes: chosen)
      }
      guard !destinations.isEmpty else { return nil }
      let leftOut = account.nodes.filter { !inside.contains($0) && !unawaited.contains($0) }
      return ScopedAccount(account: account.name, destinations: destinations, leftOut: leftOut)
    }
  }

  /// The nodes of a scope.
  ///
  /// - Throws: ``OperatorFault``, as ``accounts(in:)``.
  func nodes(in scope: RotationScope) throws(OperatorFault) -> Set<NodeName> {
    switch scope {
    case .entireForest: return Set(accounts.flatMap(\.nodes))
    case .arrays(let patterns):
      let arrays = Set(accounts.flatMap(\.arrays.keys)).sorted()
      var chosen: Set<String> = []
      for pattern in patterns { chosen.formUnion(try pattern.chosen(from: arrays, what: "array")) }
      return Set(accounts.flatMap { $0.arrays.filter { chosen.contains($0.key) }.values.joined() })
    case .nodes(let patterns):
      let members = Set(accounts.flatMap(\.nodes)).sorted()
      var chosen: Set<String> = []
      for pattern in patterns { chosen.formUnion(try pattern.chosen(from: members.map(\.description), what: "node")) }
      return Set(members.filter { chosen.contains($0.description) })
    }
  }
}

extension NamePattern {
  /// The names that fit.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` if there is none.
  fileprivate func chosen(from names: [String], what: String) throws(OperatorFault) -> [String] {
    let chosen = names.filter(matches)
    guard chosen.isEmpty else { return chosen }
    throw OperatorFault(
      .noInput, "\(what) '\(description)'", "fits no \(what) of the configuration",
      remedy: nearest(of: names).map { "did you mean '\($0)'?" } ?? "the configuration has \(Self.list(names))")
  }

  /// The name that was probably meant: by its first label, or by a slip of the pen.
  private func nearest(of names: [String]) -> String? {
    let label = description.lowercased().prefix { $0 != "." }
    let plain = description.filter { $0 != "*" && $0 != "?" }
    return names.first { $0.lowercased().prefix { $0 != "." } == label } ?? NearestMatch.of(plain, among: names)
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }
}
