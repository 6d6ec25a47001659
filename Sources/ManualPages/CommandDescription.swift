package import Foundation

/// A command as its own help describes it: what `--experimental-dump-help` of a program prints, as far as it is used here.
package struct CommandDescription: Decodable, Hashable, Sendable {
  /// The word that calls it.
  package let name: String
  /// One sentence.
  package let abstract: String
  /// More about it: paragraphs, indented lines to be shown as they are, examples.
  package let discussion: String
  /// The commands below it.
  package let subcommands: [CommandDescription]
  /// What it takes, in the order of its help page.
  package let arguments: [ArgumentDescription]
  /// Whether help pages show it.
  package let isShown: Bool

  private enum CodingKeys: String, CodingKey {
    case name = "commandName"
    case abstract, discussion, subcommands, arguments
    case isShown = "shouldDisplay"
  }

  /// Reads one command with those below it.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    abstract = try container.decodeIfPresent(String.self, forKey: .abstract) ?? ""
    discussion = try container.decodeIfPresent(String.self, forKey: .discussion) ?? ""
    // `help` is put in by ArgumentParser and leads to what --help leads to.
    subcommands =
      try container.decodeIfPresent([CommandDescription].self, forKey: .subcommands)?
      .filter { $0.name != "help" && $0.isShown } ?? []
    arguments = try container.decodeIfPresent([ArgumentDescription].self, forKey: .arguments) ?? []
    isShown = try container.decodeIfPresent(Bool.self, forKey: .isShown) ?? true
  }

  /// Reads the help of a whole program.
  ///
  /// - Throws: `DecodingError`.
  package init(dump: Data) throws {
    struct Program: Decodable { let command: CommandDescription }
    self = try JSONDecoder().decode(Program.self, from: dump).command
  }
}

/// An argument, an option or a flag of a command.
package struct ArgumentDescription: Decodable, Hashable, Sendable {
  /// What it looks like on the command line.
  package enum Kind: String, Decodable, Sendable {
    /// A value by itself.
    case positional
    /// A name and a value.
    case option
    /// A name.
    case flag
  }

  /// One of its names.
  package struct Name: Decodable, Hashable, Sendable {
    private enum Kind: String, Decodable { case long, short, longWithSingleDash }
    private let kind: Kind
    /// The name without dashes.
    package let name: String

    /// As it is written on the command line.
    package var written: String { (kind == .long ? "--" : "-") + name }
  }

  /// What it looks like.
  package let kind: Kind
  /// All of its names; empty for a positional one.
  package let names: [Name]
  /// The name to show where there is room for one.
  package let preferredName: Name?
  /// What stands for its value in help pages.
  package let valueName: String
  /// Whether it may be left out.
  package let isOptional: Bool
  /// Whether it may be there several times.
  package let isRepeating: Bool
  /// One or a few sentences about it.
  package let abstract: String
  /// What holds where it is left out.
  package let defaultValue: String?
  /// All values that it can have, where they are few.
  package let values: [String]
  /// How a shell completes its value: `list`, `file`, `directory`, `shellCommand`, `custom` or `customAsync`; `nil` if not at all.
  package let completion: String?
  /// Whether help pages show it.
  package let isShown: Bool

  private enum CodingKeys: String, CodingKey {
    case kind, names, preferredName, valueName, isOptional, isRepeating, abstract, defaultValue
    case values = "allValues"
    case completion = "completionKind"
    case isShown = "shouldDisplay"
  }

  /// Reads one.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    names = try container.decodeIfPresent([Name].self, forKey: .names) ?? []
    preferredName = try container.decodeIfPresent(Name.self, forKey: .preferredName)
    valueName = try container.decodeIfPresent(String.self, forKey: .valueName) ?? ""
    isOptional = try container.decode(Bool.self, forKey: .isOptional)
    isRepeating = try container.decode(Bool.self, forKey: .isRepeating)
    abstract = try container.decodeIfPresent(String.self, forKey: .abstract) ?? ""
    defaultValue = try container.decodeIfPresent(String.self, forKey: .defaultValue)
    values = try container.decodeIfPresent([String].self, forKey: .values) ?? []
    completion = try container.decodeIfPresent([String: Ignored].self, forKey: .completion)?.keys.first
    isShown = try container.decodeIfPresent(Bool.self, forKey: .isShown) ?? true
  }

  /// Whether it only asks for the help page.
  package var isHelp: Bool { names.contains { $0.name == "help" } }

  /// Its preferred name as it is written; `nil` for a positional one.
  package var writtenName: String? { preferredName?.written }
}

/// A value that nothing is read of.
private struct Ignored: Decodable {
  init(from decoder: any Decoder) {}
}
