/// What a page says about one command, taken from the command's help.
struct CommandPage {
  let command: CommandDescription
  /// The words that call it, the program's name first.
  let words: [String]
  private let help: HelpText

  init(_ command: CommandDescription, words: [String]) {
    self.command = command
    self.words = words
    help = HelpText(command.discussion)
  }

  /// The commands below it, each with its words.
  var subcommands: [CommandPage] { command.subcommands.map { CommandPage($0, words: words + [$0.name]) } }

  /// The commands that do something: itself, or those below it.
  var leaves: [CommandPage] { command.subcommands.isEmpty ? [self] : subcommands.flatMap(\.leaves) }

  /// What it takes, but for the option that shows its help page.
  var arguments: [ArgumentDescription] { command.arguments.filter { $0.isShown && !$0.isHelp } }

  /// Adds its line of a synopsis.
  func synopsis(to roff: inout Roff) {
    roff.synopsis(words.joined(separator: " "), arguments.map(\.synopsis))
  }

  /// Whether its discussion says more than the examples.
  var hasDescription: Bool { !help.blocks.isEmpty }

  /// Adds the text of its discussion.
  func description(to roff: inout Roff, isApart: Bool = true) { roff.blocks(help.blocks, isApart: isApart) }

  /// Adds its arguments and options, but for some.
  func options(to roff: inout Roff, leavingOut shared: [ArgumentDescription] = []) {
    Self.options(arguments.filter { !shared.contains($0) }, to: &roff)
  }

  /// Adds arguments and options.
  static func options(_ arguments: [ArgumentDescription], to roff: inout Roff) {
    for argument in arguments { roff.item(argument.tag, argument.explanation) }
  }

  /// Whether it shows how it is used.
  var hasExamples: Bool { !help.examples.isEmpty }

  /// Adds its examples, as lines to be copied.
  func examples(to roff: inout Roff) {
    if hasExamples { roff.literal(help.examples) }
  }
}

extension ArgumentDescription {
  /// `--limit count`, marked up.
  private var call: String {
    let value = Roff.italic(valueName)
    switch kind {
    case .positional: return value
    case .option: return Roff.bold(writtenName ?? "") + #"\ "# + value
    case .flag: return Roff.bold(writtenName ?? "")
    }
  }

  /// The same as a part of a synopsis.
  fileprivate var synopsis: String {
    let repeated = isRepeating ? call + #"\ ..."# : call
    // What ends in a dot at the end of a line is not the end of a sentence.
    return (isOptional ? "[\(repeated)]" : repeated) + (isRepeating ? #"\&"# : "")
  }

  /// The same as the tag of an item, with every name.
  fileprivate var tag: String {
    guard kind != .positional else { return call }
    let all = names.map { Roff.bold($0.written) }.joined(separator: ", ")
    return kind == .option ? all + " " + Roff.italic(valueName) : all
  }

  fileprivate var explanation: [HelpText.Block] {
    let values = values.isEmpty ? "" : " One of: \(values.joined(separator: ", "))."
    let standard = defaultValue.map { " Default: \($0)." } ?? ""
    return [.paragraph(abstract + values + standard)]
  }
}
