/// The pages of the manual: one for each program, one for each command of asactl, one for each configuration file.
package struct ProgramManual: Sendable {
  /// A daemon and the file that it reads.
  package struct Daemon: Sendable {
    fileprivate let help: CommandDescription
    fileprivate let configuration: PageReference
    fileprivate let sample: SampleConfiguration

    /// Takes its help, the name of the page about its configuration, and the commented sample.
    package init(_ help: CommandDescription, configurationPage: String, _ sample: SampleConfiguration) {
      self.help = help
      configuration = PageReference(configurationPage, 5)
      self.sample = sample
    }

    fileprivate var reference: PageReference { PageReference(help.name, 8) }
  }

  private let control: CommandDescription
  private let daemons: [Daemon]
  private let version: String

  /// Puts a manual together.
  ///
  /// - Parameters:
  ///   - control: The help of asactl.
  ///   - version: What is at the foot of each page.
  package init(control: CommandDescription, daemons: [Daemon], version: String) {
    self.control = control
    self.daemons = daemons
    self.version = version
  }

  /// All pages.
  package var pages: [ManualPage] {
    [overview] + groups.map(page(of:)) + daemons.flatMap { [page(of: $0), configurationPage(of: $0)] }
  }

  // MARK: asactl

  /// The commands that have a page of their own: those directly below asactl. `man asactl nodes` finds that of `nodes`.
  private var groups: [CommandPage] { CommandPage(control, words: [control.name]).subcommands }

  private func reference(to page: CommandPage) -> PageReference { PageReference(page.words.joined(separator: "-"), 8) }

  private var daemonReferences: [PageReference] { daemons.map(\.reference) }

  private var overview: ManualPage {
    let page = CommandPage(control, words: [control.name])
    var roff = begin(control.name, 8)
    roff.name(control.name, control.abstract)
    roff.section("SYNOPSIS")
    roff.synopsis(control.name, [Roff.italic("command"), #"["# + Roff.italic("argument") + #"\ ...]"#])
    roff.section("DESCRIPTION")
    page.description(to: &roff, isApart: false)
    roff.section("COMMANDS")
    roff.blocks(
      [.paragraph("Every command shows its own help with --help, and each of these has a page: 'man asactl rotate' shows it.")],
      isApart: false)
    for group in groups {
      roff.item(reference(to: group).marked, [.paragraph(group.command.abstract)])
      guard !group.command.subcommands.isEmpty else { continue }
      roff.indented { roff in
        for leaf in group.leaves {
          roff.item(Roff.bold(leaf.words.dropFirst().joined(separator: " ")), [.paragraph(leaf.command.abstract)])
        }
      }
    }
    roff.files([
      ("/run/asa-rotator/status.sock", "Where a running rotator answers questions."),
      ("/run/asa-rotator/control.sock", "Where a running rotator takes orders."),
      ("/usr/share/doc/asa-rotator/json.md", "What commands print with --json."),
      ("/usr/share/doc/asa-rotator/exit-codes.md", "Every exit code, and what to do."),
    ])
    roff.seeAlso(groups.map(reference(to:)) + daemonReferences)
    return ManualPage(name: control.name, section: 8, roff)
  }

  private func page(of group: CommandPage) -> ManualPage {
    let name = group.words.joined(separator: "-")
    var roff = begin(name, 8)
    roff.name(name, group.command.abstract)
    roff.section("SYNOPSIS")
    for leaf in group.leaves { leaf.synopsis(to: &roff) }
    if group.command.subcommands.isEmpty { write(group, to: &roff) } else { write(group: group, to: &roff) }
    roff.seeAlso([PageReference(control.name, 8)] + daemonReferences)
    return ManualPage(name: name, section: 8, roff)
  }

  private func write(_ page: CommandPage, to roff: inout Roff) {
    if page.hasDescription { roff.section("DESCRIPTION") }
    page.description(to: &roff, isApart: false)
    if !page.arguments.isEmpty { roff.section("OPTIONS") }
    page.options(to: &roff)
    if page.hasExamples { roff.section("EXAMPLES") }
    page.examples(to: &roff)
  }

  /// A group of commands: each is a part of one section, and what all of them take is told once.
  private func write(group: CommandPage, to roff: inout Roff) {
    let leaves = group.leaves
    let shared = (leaves.first?.arguments ?? []).filter { argument in
      argument.kind != .positional && leaves.count > 1 && leaves.allSatisfy { $0.arguments.contains(argument) }
    }
    if group.hasDescription { roff.section("DESCRIPTION") }
    group.description(to: &roff, isApart: false)
    roff.section("COMMANDS")
    for leaf in leaves {
      roff.subsection(leaf.words.joined(separator: " "))
      roff.blocks([.paragraph(leaf.command.abstract)], isApart: false)
      leaf.description(to: &roff)
      leaf.options(to: &roff, leavingOut: shared)
      if leaf.hasExamples { roff.blocks([.paragraph("For example:")]) }
      leaf.examples(to: &roff)
    }
    if !shared.isEmpty { roff.section("OPTIONS OF EACH OF THEM") }
    CommandPage.options(shared, to: &roff)
    if group.hasExamples { roff.section("EXAMPLES") }
    group.examples(to: &roff)
  }

  // MARK: The daemons

  private func page(of daemon: Daemon) -> ManualPage {
    let name = daemon.help.name
    let page = CommandPage(daemon.help, words: [name])
    var roff = begin(name, 8)
    roff.name(name, daemon.help.abstract)
    roff.section("SYNOPSIS")
    page.synopsis(to: &roff)
    write(page, to: &roff)
    roff.files([(daemon.sample.path, "The configuration.")])
    roff.seeAlso([daemon.configuration, PageReference(control.name, 8)] + daemonReferences.filter { $0 != daemon.reference })
    return ManualPage(name: name, section: 8, roff)
  }

  private func configurationPage(of daemon: Daemon) -> ManualPage {
    let name = daemon.configuration.name
    var roff = begin(name, 5)
    roff.name(name, "the configuration of \(daemon.help.name)")
    daemon.sample.write(to: &roff)
    roff.seeAlso([daemon.reference, PageReference("\(control.name)-check-config", 8)])
    return ManualPage(name: name, section: 5, roff)
  }

  private func begin(_ title: String, _ section: Int) -> Roff {
    Roff(title: title, section: section, source: "asa-rotator \(version)")
  }
}
