import RotationCore
import Yams

/// The keys of one kind of mapping in the file.
protocol SectionKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// Keys that the design has and this version does not, each with what to do instead. They are refused, never ignored.
  static var unavailable: [String: String] { get }
}

extension SectionKey {
  static var unavailable: [String: String] { [:] }
  static var names: [String] { allCases.map(\.rawValue) }
}

/// A value with the line that it stands in.
struct Located<Value> {
  let value: Value
  let line: Int
  /// As it is written in the file.
  let text: String
}

/// One mapping of the file. Unknown and repeated keys are reported once, when it is opened.
struct Section<Key: SectionKey> {
  /// The line that the mapping starts in.
  let line: Int
  let faults: FaultCollector
  private var nodes: [Key: (key: Node, value: Node)] = [:]
  /// Keys that were probably meant by an unknown one: told already, so not missing as well.
  private var misspelt: Set<Key> = []

  init(_ mapping: Node.Mapping, line: Int? = nil, faults: FaultCollector) {
    self.line = line ?? mapping.mark?.line ?? 1
    self.faults = faults
    for (key, value) in mapping { admit(key, value) }
  }

  private mutating func admit(_ node: Node, _ value: Node) {
    guard case .scalar(let scalar) = node else {
      faults.report(node.line, "expected a plain key", remedy: oneOfTheKeys)
      return
    }
    guard let key = Key(rawValue: scalar.string) else {
      refuse(scalar.string, line: node.line)
      return
    }
    guard nodes[key] == nil else {
      faults.report(node.line, "duplicate key '\(scalar.string)'", remedy: "keep one of them")
      return
    }
    nodes[key] = (node, value)
  }

  private var oneOfTheKeys: String { "expected one of " + Key.names.joined(separator: ", ") }

  private mutating func refuse(_ name: String, line: Int) {
    if let remedy = Key.unavailable[name] {
      faults.report(line, "'\(name)' is not available in this version", remedy: remedy)
    } else if let meant = NearestMatch.of(name, among: Key.names) {
      faults.report(line, "unknown key '\(name)', did you mean '\(meant)'?", remedy: oneOfTheKeys)
      if let key = Key(rawValue: meant) { misspelt.insert(key) }
    } else {
      faults.report(line, "unknown key '\(name)'", remedy: oneOfTheKeys)
    }
  }

  /// The line of a key, or of the section where the key is missing.
  func line(of key: Key) -> Int { nodes[key]?.key.line ?? line }

  /// Whether the key is there.
  func has(_ key: Key) -> Bool { nodes[key] != nil }

  /// Notes that a key is missing.
  func reportMissing(_ key: Key, expected: String) {
    guard !misspelt.contains(key) else { return }
    faults.report(line, "key '\(key.rawValue)' is missing", remedy: "add it with \(expected)")
  }

  // MARK: Scalars

  /// Reads a key that may be missing; a wrong value is reported and gives `nil`.
  func optional<Value>(_ key: Key, _ form: ScalarForm<Value>) -> Value? {
    nodes[key].flatMap { located($0.value, named: key.rawValue, form)?.value }
  }

  /// Reads a key that must be there.
  func required<Value>(_ key: Key, _ form: ScalarForm<Value>) -> Value? {
    if !has(key) { reportMissing(key, expected: form.expected) }
    return optional(key, form)
  }

  // MARK: Lists

  /// Reads a list of scalars; `nil` if the key is missing or not a list. Wrong and repeated entries are reported and left out.
  func list<Value: Hashable>(
    _ key: Key, _ form: ScalarForm<Value>, minimum: Int = 1
  ) -> [Located<Value>]? {
    guard let entries = entries(of: key, expected: form.expected, minimum: minimum) else { return nil }
    return distinct(entries.compactMap { located($0, named: key.rawValue, form) }, in: key)
  }

  /// Reads a list of scalars, or one scalar without a list around it.
  func oneOrMore<Value: Hashable>(_ key: Key, _ form: ScalarForm<Value>) -> [Value]? {
    if case .sequence = nodes[key]?.value { return list(key, form)?.map(\.value) }
    return optional(key, form).map { [$0] }
  }

  /// Reads a list of scalars that must be there.
  func requiredList<Value: Hashable>(
    _ key: Key, _ form: ScalarForm<Value>
  ) -> [Located<Value>]? {
    if !has(key) { reportMissing(key, expected: "a list of \(form.expected)") }
    return list(key, form)
  }

  /// The nodes of a list, to be read one by one.
  func entries(of key: Key, expected: String, minimum: Int) -> [Node]? {
    guard let node = nodes[key]?.value else { return nil }
    guard case .sequence(let sequence) = node else {
      faults.report(node.line, "\(key.rawValue): expected a list of \(expected), found \(node.summary)")
      return nil
    }
    if sequence.count < minimum {
      faults.report(node.line, "\(key.rawValue): the list is empty", remedy: "give at least \(minimum)")
    }
    return Array(sequence)
  }

  private func distinct<Value: Hashable>(
    _ values: [Located<Value>], in key: Key
  ) -> [Located<Value>] {
    var lines: [Value: Int] = [:]
    return values.filter { entry in
      guard let line = lines[entry.value] else {
        lines[entry.value] = entry.line
        return true
      }
      faults.report(
        entry.line, "\(key.rawValue): duplicate '\(entry.text)', already in line \(line)", remedy: "remove one of them")
      return false
    }
  }

  // MARK: Sections

  /// Opens a nested mapping; `nil` if the key is missing or something else.
  func section<Nested: SectionKey>(_ key: Key, of _: Nested.Type) -> Section<Nested>? {
    nodes[key].flatMap { nested($0.value, named: key.rawValue, line: $0.key.line) }
  }

  /// Opens a nested mapping that must be there.
  func requiredSection<Nested: SectionKey>(_ key: Key, of _: Nested.Type) -> Section<Nested>? {
    if !has(key) { reportMissing(key, expected: "a mapping of " + Nested.names.joined(separator: ", ")) }
    return section(key, of: Nested.self)
  }

  /// Opens a list of mappings that must be there and hold at least one.
  func requiredSections<Nested: SectionKey>(_ key: Key, of _: Nested.Type) -> [Section<Nested>] {
    if !has(key) { reportMissing(key, expected: "a list of mappings") }
    let entries = entries(of: key, expected: "mappings", minimum: 1) ?? []
    return entries.compactMap { nested($0, named: key.rawValue, line: $0.line) }
  }

  /// Opens a list of mappings, or one mapping without a list around it, that must be there.
  func oneOrMoreSections<Nested: SectionKey>(_ key: Key, of _: Nested.Type) -> [Section<Nested>] {
    if case .sequence = nodes[key]?.value { return requiredSections(key, of: Nested.self) }
    return requiredSection(key, of: Nested.self).map { [$0] } ?? []
  }

  /// Opens a node as a mapping. A key with nothing but comments under it is an empty one.
  func nested<Nested: SectionKey>(_ node: Node, named name: String, line: Int) -> Section<Nested>? {
    if node.scalar?.isNull == true { return Section<Nested>(Node.Mapping([]), line: line, faults: faults) }
    guard case .mapping(let mapping) = node else {
      let keys = Nested.names.joined(separator: ", ")
      faults.report(node.line, "\(name): expected a mapping with the keys \(keys), found \(node.summary)")
      return nil
    }
    return Section<Nested>(mapping, line: line, faults: faults)
  }

  /// Reads one scalar node.
  func located<Value>(_ node: Node, named name: String, _ form: ScalarForm<Value>) -> Located<Value>? {
    guard case .scalar(let scalar) = node, !scalar.isNull else {
      faults.report(node.line, "\(name): expected \(form.expected), found \(node.summary)")
      return nil
    }
    switch form.read(scalar.string) {
    case .success(let value): return Located(value: value, line: node.line, text: scalar.string)
    case .failure(let reason):
      faults.report(
        node.line, "\(name): \(reason.problem ?? "expected \(form.expected), found '\(scalar.string)'")",
        remedy: reason.remedy)
      return nil
    }
  }
}

extension Node {
  /// What kind of value it is, for a person.
  var summary: String {
    switch self {
    case .scalar(let scalar): scalar.isNull ? "nothing" : "'\(scalar.string)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

extension Node.Scalar {
  /// Whether YAML reads it as no value at all.
  var isNull: Bool { style == .plain && ["", "~", "null", "Null", "NULL"].contains(string) }
}
