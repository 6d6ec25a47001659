import ArgumentParser
import ControlCommands
import Foundation
import ManualPages
import Testing

/// A command of asactl, found by walking the tree from its root: one that is added is held to the contract like all others.
struct ListedCommand: Sendable, CustomTestStringConvertible {
  /// The words that call it, without the program's name.
  let words: [String]
  /// What its help says.
  let description: CommandDescription

  var testDescription: String { (["asactl"] + words).joined(separator: " ") }

  /// All of them, the root first.
  static func all() throws -> [ListedCommand] { try root.get().tree }

  /// Those that do something, and do not only hold others together.
  static func leaves() throws -> [ListedCommand] { try all().filter { $0.description.subcommands.isEmpty } }

  private static let root = Result {
    ListedCommand(words: [], description: try CommandDescription(dump: Data(AsaCtl._dumpHelp().utf8)))
  }

  private var tree: [ListedCommand] {
    [self] + description.subcommands.flatMap { ListedCommand(words: words + [$0.name], description: $0).tree }
  }

  /// Its arguments, but for --help.
  var arguments: [ArgumentDescription] { description.arguments.filter { !$0.isHelp } }

  /// Whether it takes a flag or an option.
  func takes(_ name: String) -> Bool { arguments.contains { $0.writtenName == name } }

  /// A command line that it can be called with: what must be there is, with values that are right.
  ///
  /// - Parameters:
  ///   - given: An argument that is there with the value that is given.
  ///   - flags: What is there too, if the command takes it.
  func call(with given: (argument: ArgumentDescription, value: String)? = nil, flags: [String] = []) -> [String] {
    let required = arguments.filter { !$0.isOptional && $0 != given?.argument }.map { ($0, SampleValue.good(for: $0)) }
    let all = (given.map { [($0.argument, $0.value)] } ?? []) + required
    // Options first: some take all values that follow.
    let options = all.filter { $0.0.kind == .option }.flatMap { [$0.0.writtenName ?? "", $0.1] }
    // In their own order, and the one that is given is in its place.
    let positional = arguments.compactMap { argument in all.first { $0.0 == argument && argument.kind == .positional }?.1 }
    return words + positional + options + flags.filter(takes) + (Self.eitherOr[testDescription] ?? [])
  }

  /// What is there of several arguments of which one must be, whichever it is.
  private static let eitherOr = ["asactl credential copy": ["--to-entire-forest"], "asactl credential remove": ["--all"]]
}

/// Values for the command line, by what stands for them in help pages.
enum SampleValue {
  /// One that is right.
  static func good(for argument: ArgumentDescription) -> String {
    if let first = argument.values.first { return first }
    return good[argument.valueName] ?? argument.defaultValue ?? "text"
  }

  /// One that is wrong wherever it is read; `nil` for free text and for files, of which the command finds out when it opens them.
  static func bad(for argument: ArgumentDescription) -> String? {
    if !argument.values.isEmpty || argument.completion == "list" { return "no-such-value" }
    if argument.defaultValue.flatMap({ Int($0) }) != nil { return "many" }
    return bad[argument.valueName]
  }

  private static let good = [
    "node": "cas-1.lab.example", "DOMAIN\\acct$": Sample.account, "array": "mail.lab.example", "time": "3d",
    "file": "/nowhere/file", "dir": "/nowhere/directory", "dnsname": "cas-1.lab.example", "name": "dc1.lab.example",
    "outcome": "behind", "kind": "nodeBehind", "spn": "http/mail.lab.example", "url": "https://mail.lab.example/",
    "id": "0b6f3f1e-5d4c-4f8e-9b1a-2c3d4e5f6a7b", "realm": "LAB.EXAMPLE",
  ]

  private static let bad = [
    "node": "not a node", "DOMAIN\\acct$": "nobody", "seconds": "many", "count": "many", "days": "many", "id": "no id",
    "time": "soon", "spn": "mail", "url": "mail",
  ]
}
