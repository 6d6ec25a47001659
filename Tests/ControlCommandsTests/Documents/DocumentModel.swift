import Foundation

/// The documents that asactl prints with --json, read from the declarations of their types: the page that describes them is made of the same
/// names, types and docstrings that the compiler sees.
struct DocumentModel {
  /// A field of a document.
  struct Field: Equatable {
    let name: String
    /// The type, without the question mark.
    let type: String
    let isOptional: Bool
    /// The docstring.
    let meaning: String
  }

  /// A document, a part of one, or a kind of text.
  struct Declaration {
    /// The name, after that of the type around it: `AdoptionDocument.Slot`.
    let name: String
    let meaning: String
    fileprivate(set) var fields: [Field] = []
    /// The values of a kind of text, or the kinds of an event with what each carries.
    fileprivate(set) var cases: [(name: String, payload: String?, meaning: String)] = []
    fileprivate var properties: [Field] = []
    /// The properties that are stored, and those that coding keys name.
    fileprivate var encoded: Set<String> = []

    /// The commands that print it, as its docstring tells, with the option that has them do so if there is one; none for a part of another
    /// document.
    var commands: [String] {
      guard meaning.hasPrefix("What `asactl ") || meaning.hasPrefix("One line of `asactl ") else { return [] }
      return meaning.matches(of: /`asactl ([^`]+?)(?: --json)?`/).map { String($0.1) }
    }
  }

  private(set) var declarations: [String: Declaration] = [:]

  /// Reads all Swift files of a directory.
  init(directory: URL) throws {
    for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
    where file.pathExtension == "swift" {
      for declaration in DeclarationReader(try String(contentsOf: file, encoding: .utf8)).declarations {
        declarations[declaration.name] = declaration
      }
    }
  }

  /// The model of this package.
  static func ofThisPackage() throws -> DocumentModel { try package.get() }

  /// Read once: every test of every command asks for it.
  private static let package = Result {
    try DocumentModel(directory: PackageTree.root.appending(path: "Sources/ControlCommands/Documents"))
  }

  /// What a command prints; `nil` if nothing is said about it.
  func document(of command: String) -> Declaration? { declarations.values.first { $0.commands.contains(command) } }

  /// The documents, by the name of the first command.
  var documents: [Declaration] {
    declarations.values.filter { !$0.commands.isEmpty }.sorted { $0.commands[0] < $1.commands[0] }
  }

  /// What a type's name means inside a declaration; `nil` for a type of the language.
  func resolve(_ type: String, in declaration: Declaration) -> Declaration? {
    var scope = declaration.name
    while true {
      if let found = declarations["\(scope).\(type)"] { return found }
      guard let dot = scope.lastIndex(of: ".") else { break }
      scope = String(scope[..<dot])
    }
    return declarations[type]
  }
}

/// Reads declarations of types line by line, as far as documents need it.
private struct DeclarationReader {
  private(set) var declarations: [DocumentModel.Declaration] = []
  /// The types around the line, each with the depth of braces inside.
  private var open: [(declaration: DocumentModel.Declaration, depth: Int)] = []
  private var depth = 0
  private var comment: [String] = []

  init(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { read(line.drop { $0 == " " }) }
  }

  private mutating func read(_ line: Substring) {
    if line.hasPrefix("///") {
      comment.append(line.dropFirst(3).trimmingCharacters(in: .whitespaces))
      return
    }
    let opening = line.firstMatch(of: /^package (?:struct|enum) (\w+)(?:<.*>)?: .*\{$/)
    if let opening { begin(String(opening.1)) } else if let last = open.last, last.depth == depth { readMember(line) }
    depth += line.count { $0 == "{" } - line.count { $0 == "}" }
    if opening != nil { open[open.count - 1].depth = depth }
    while let last = open.last, depth < last.depth { end() }
    // An attribute may stand between a docstring and its declaration.
    if line.wholeMatch(of: /@\w+/) == nil { comment = [] }
  }

  private var meaning: String { comment.joined(separator: " ") }

  private mutating func begin(_ name: String) {
    let name = (open.last.map { "\($0.declaration.name)." } ?? "") + name
    open.append((DocumentModel.Declaration(name: name, meaning: meaning), depth + 1))
  }

  private mutating func readMember(_ line: Substring) {
    let last = open.count - 1
    if let field = line.firstMatch(of: /^(?:@NullIfAbsent )?package var (\w+): (\[[^\]]+\]|[^ ?]+)(\??)(.*)$/) {
      let read = DocumentModel.Field(
        name: String(field.1), type: String(field.2), isOptional: !field.3.isEmpty, meaning: meaning)
      open[last].declaration.properties.append(read)
      if field.4.isEmpty || field.4.hasPrefix(" =") { open[last].declaration.encoded.insert(read.name) }
    } else if let keys = line.firstMatch(of: /enum \w+: CodingKey \{ case (.*) \}/) {
      open[last].declaration.encoded.formUnion(keys.1.split(separator: ", ").map(String.init))
    } else if let value = line.firstMatch(of: /^case (\w+)(?:\((\w+)\))?$/) {
      open[last].declaration.cases.append((String(value.1), value.2.map(String.init), meaning))
    }
  }

  private mutating func end() {
    guard var declaration = open.popLast()?.declaration else { return }
    declaration.fields = declaration.properties.filter { declaration.encoded.contains($0.name) }
    declarations.append(declaration)
  }
}
