package import ArgumentParser
import CredentialStore
import RotationCore

/// `asactl store restore`.
package struct StoreRestoreCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put a backup in the place of the store of a stopped rotator.",
    discussion: """
      The backup is checked first, the present store is kept beside under another name, and the replacement happens as a \
      whole or not at all. Keys that the present store has destroyed are not brought back.

      If a rotation has ended since the backup was taken, the directory is ahead of it: the rotator then records \
      storeBehind and pushes nothing, and 'asactl credential adopt' is the way on.

      Example: asactl store restore /var/backups/asa-rotator.db
      """)

  @Argument(help: "The backup.", completion: .file())
  var file: String
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks the person, restores, says what to expect.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "store restore")
    let place = try store.place()
    try await consent.obtain("Replace the store in \(place.directory) by \(file)?")
    let outcome = try StoreRestoration(directory: place.directory, keyFile: place.keyFile).run(from: file)
    try Answer(environment.terminal, json: output.isJSON).print(StoreRestoreDocument(outcome, directory: place.directory)) {
      StoreRendering(time: environment.time, style: environment.terminal.style).lines(outcome, directory: place.directory)
    }
  }
}
