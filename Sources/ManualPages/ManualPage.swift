/// One page of the manual.
package struct ManualPage: Equatable, Sendable {
  /// Its name, as given to man(1).
  package let name: String
  /// The section that it belongs to.
  package let section: Int
  /// Its source.
  package let text: String

  init(name: String, section: Int, _ roff: Roff) {
    self.name = name
    self.section = section
    text = roff.lines.joined(separator: "\n") + "\n"
  }

  /// Where it belongs below a directory `man`.
  package var path: String { "man\(section)/\(name).\(section)" }
}

/// The name of a page in another one.
struct PageReference: Equatable {
  let name: String
  let section: Int

  init(_ name: String, _ section: Int) {
    self.name = name
    self.section = section
  }

  /// `name(8)`, marked up.
  var marked: String { Roff.bold(name) + "(\(section))" }
}

extension Roff {
  /// Adds the sections that every page begins with.
  mutating func name(_ name: String, _ abstract: String) {
    section("NAME")
    line(Self.text(name) + #" \- "# + Self.text(abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract))
  }

  /// Adds the section that every page ends with.
  mutating func seeAlso(_ pages: [PageReference]) {
    section("SEE ALSO")
    for (index, page) in pages.enumerated() { line(page.marked + (index == pages.count - 1 ? "" : ",")) }
  }

  /// Adds a section of files.
  mutating func files(_ files: [(path: String, text: String)]) {
    section("FILES")
    for file in files { item(Self.italic(file.path), [.paragraph(file.text)]) }
  }
}
