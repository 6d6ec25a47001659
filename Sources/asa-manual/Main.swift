import ArgumentParser
import Foundation
import ManualPages

/// Writes what is generated from the programs' own help: the pages of the manual and the scripts of shell completion.
@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "asa-manual", abstract: "Write the pages of the manual and the scripts of shell completion.",
    discussion: """
      Asks the programs for their help and reads the sample configurations; needs neither a network nor a right. The files go where they \
      belong below /usr/share.

      Example: asa-manual --programs .build/debug --samples config .build/share
      """)

  @Option(help: ArgumentHelp("Where the programs are.", valueName: "dir"), completion: .directory)
  var programs: String
  @Option(help: ArgumentHelp("Where the commented sample configurations are.", valueName: "dir"), completion: .directory)
  var samples: String
  @Argument(help: ArgumentHelp("Where to write, in place of /usr/share.", valueName: "dir"), completion: .directory)
  var output: String

  func run() throws {
    let programs = URL(filePath: programs, directoryHint: .isDirectory)
    let control = BuiltProgram(programs, "asactl")
    let rotator = BuiltProgram(programs, "asa-rotatord")
    let agent = BuiltProgram(programs, "asa-agentd")
    let manual = ProgramManual(
      control: try control.help,
      daemons: [
        .init(try rotator.help, configurationPage: "asa-rotator.yaml", try sample("rotator.yaml")),
        .init(try agent.help, configurationPage: "asa-agent.yaml", try sample("agent.yaml")),
      ], version: try rotator.version)
    for page in manual.pages { try write(page.text, to: "man/\(page.path)") }
    for program in [control, rotator, agent] { try writeCompletions(of: program) }
  }

  private func sample(_ name: String) throws -> SampleConfiguration {
    try SampleConfiguration(try String(contentsOfFile: "\(samples)/\(name)", encoding: .utf8))
  }

  private func writeCompletions(of program: BuiltProgram) throws {
    try write(try program.completionScript(for: .bash), to: "bash-completion/completions/\(program.name)")
    try write(try program.completionScript(for: .zsh), to: "zsh/vendor-completions/_\(program.name)")
    try write(try program.completionScript(for: .fish), to: "fish/vendor_completions.d/\(program.name).fish")
  }

  /// Writes a file that everybody may read, whatever the umask says.
  private func write(_ text: String, to path: String) throws {
    let file = URL(filePath: output, directoryHint: .isDirectory).appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try Data(text.utf8).write(to: file, options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
  }
}
