/// The source of a manual page, written with the macros of groff_man(7) that groff and mandoc both know.
struct Roff {
  private(set) var lines: [String] = []

  /// Makes a page with its header. There is no date in it: the version says more, and the same sources give the same page.
  init(title: String, section: Int, source: String) {
    lines = [
      #".\" Generated from the help of the programs and from the sample configurations; not to be edited."#,
      ".TH \(Self.argument(title)) \(section) \"\" \(Self.argument(source)) \(Self.argument("System Administration"))",
      // Hyphenation and the stretching of lines are for print. groff begins to hyphenate again with every paragraph unless HY is 0.
      ".nr HY 0", ".nh", ".ad l",
    ]
  }

  /// Begins a section.
  mutating func section(_ title: String) { lines.append(".SH \(Self.argument(title))") }

  /// Begins a part of a section.
  mutating func subsection(_ title: String) { lines.append(".SS \(Self.argument(title))") }

  /// Adds a line of marked-up text, made by ``text(_:)``, ``bold(_:)`` and ``italic(_:)``.
  mutating func line(_ marked: String) { lines.append(Self.isRequest(marked) ? #"\&"# + marked : marked) }

  /// Adds paragraphs, each after an empty line (the first one only if `isApart`), and literal lines.
  mutating func blocks(_ blocks: [HelpText.Block], isApart: Bool = true) {
    for (index, block) in blocks.enumerated() {
      switch block {
      case .paragraph(let text):
        if index > 0 || isApart { lines.append(".PP") }
        line(Self.text(text))
      case .literal(let lines): literal(lines)
      }
    }
  }

  /// Adds an item of a list: its tag, marked up, and below it paragraphs and literal lines.
  mutating func item(_ tag: String, _ blocks: [HelpText.Block]) {
    lines.append(".TP")
    line(tag)
    // A tag without text would take the next macro for its text.
    if blocks.isEmpty { lines.append(#"\&"#) }
    for (index, block) in blocks.enumerated() {
      switch block {
      case .paragraph(let text):
        if index > 0 { lines.append(".IP") }
        line(Self.text(text))
      // Indentation counts from the tag.
      case .literal(let lines): literal(lines, indentation: Self.itemIndentation + 4)
      }
    }
  }

  /// Adds what `body` adds, further to the right.
  mutating func indented(_ body: (inout Roff) -> Void) {
    lines.append(".RS")
    body(&self)
    lines.append(".RE")
  }

  /// How far the text of an item is to the right of its tag, which is what the macros do by themselves.
  private static let itemIndentation = 7

  /// Adds lines that keep their form.
  mutating func literal(_ text: [String], indentation: Int = 4) {
    lines += [".RS \(indentation)", ".nf"]
    for each in text { line(Self.text(each)) }
    lines += [".fi", ".RE"]
  }

  /// Adds the words of a command line, each marked up, which breaks between them and continues below the first argument.
  mutating func synopsis(_ command: String, _ words: [String]) {
    lines.append(".SY \(Self.argument(command))")
    for word in words { line(word) }
    lines.append(".YS")
  }

  // MARK: Marking up

  /// Plain text.
  static func text(_ text: String) -> String { text.unicodeScalars.map(escaped).joined() }

  /// Text to be typed as it is.
  static func bold(_ text: String) -> String { #"\fB"# + Self.text(text) + #"\fR"# }

  /// Text that stands for something else.
  static func italic(_ text: String) -> String { #"\fI"# + Self.text(text) + #"\fR"# }

  /// An argument of a macro.
  private static func argument(_ text: String) -> String { "\"\(Self.text(text))\"" }

  /// What would be something else than a character, and what would be shown as another one than that of ASCII (groff_char(7)).
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": #"\e"#
    case "-": #"\-"#
    case "'": #"\(aq"#
    case "`": #"\(ga"#
    case "^": #"\(ha"#
    case "~": #"\(ti"#
    case "\"": #"\(dq"#
    case _ where scalar.isASCII: String(scalar)
    default: #"\[u"# + hexadecimal(scalar) + "]"
    }
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private static func isRequest(_ line: String) -> Bool { line.hasPrefix(".") || line.hasPrefix("'") }
}
