package import ArgumentParser
import CredentialStore
import RotationCore

/// `asactl store check`.
package struct StoreCheckCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look for everything that is wrong with the store; changes nothing.",
    discussion: """
      Files and their modes, version, SQLite's own check, the key, every record, every sealed secret, the log, the room on \
      the disk. Beside a running rotator it looks at one state of what is on disk.

      The exit code is 0 if the store is sound, with or without warnings; else 65 damaged or of a newer version, 66 missing, \
      74 disk full or read-only, 77 or 78 owner, mode or key.

      Example: asactl store check --key-file /root/store.key
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the store and prints what was found.
  package func execute(in environment: CommandEnvironment) async throws {
    let place = try store.place()
    let report = try StoreExamination(directory: place.directory, keyFile: place.keyFile).run()
    try Answer(environment.terminal, json: output.isJSON).print(StoreCheckDocument(report)) {
      StoreRendering(time: environment.time, style: environment.terminal.style).lines(report)
    }
    if let fault = report.fault { throw ExitCode(fault.kind.exitCode) }
  }
}
