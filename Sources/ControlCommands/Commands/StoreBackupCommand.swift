package import ArgumentParser
import CredentialStore
import RotationCore

/// `asactl store backup`.
package struct StoreBackupCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write the store, as it is now, into one new file.",
    discussion: """
      Works while the rotator does. The file (mode 0600) is on disk and checked when the command ends; an existing one is \
      never overwritten. It holds the secrets sealed and not the key that opens them: keep that one apart.

      A backup is of full use until the next rotation ends; take one after each. Whoever has it and the store key can open \
      the keys in it, also those that the store destroys later: remove old ones.

      Example: asactl store backup /var/backups/asa-rotator-$(date +%F).db
      """)

  @Argument(help: "The file to write.", completion: .file())
  var file: String
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Writes the backup and says what it is.
  package func execute(in environment: CommandEnvironment) async throws {
    let place = try store.place()
    let report = try StoreBackup(directory: place.directory, keyFile: place.keyFile).write(to: file)
    try Answer(environment.terminal, json: output.isJSON).print(StoreBackupDocument(report)) {
      StoreRendering(time: environment.time, style: environment.terminal.style).backupLines(report)
    }
  }
}
