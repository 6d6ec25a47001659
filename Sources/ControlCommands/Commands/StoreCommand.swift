package import ArgumentParser
import Configuration
import Foundation
import RotationCore

/// `asactl store`.
package struct StoreCommand: AsyncParsableCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Check the rotator's store, back it up, bring a backup back.",
    discussion: """
      These work on the files of this host, as root or as the service user; restore needs a stopped rotator.

      Examples:
        asactl store check
        asactl store backup /var/backups/asa-rotator.db
        systemctl stop asa-rotatord && asactl store restore /var/backups/asa-rotator.db
      """, subcommands: [StoreCheckCommand.self, StoreBackupCommand.self, StoreRestoreCommand.self])

  /// Made by ArgumentParser.
  package init() {}
}

/// Which store is meant.
struct StoreOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("The configuration of asa-rotatord, which names the store.", valueName: "file"), completion: .file())
  var config = CheckConfigCommand.rotatorDefault
  @Option(
    name: .customLong("key-file"),
    help: ArgumentHelp(
      "The store key, where it is not the configured file nor the running rotator's credential.", valueName: "file"),
    completion: .file())
  var keyFile: String?

  /// Where systemd shows the running daemon's credential to root.
  private static let credential = "/run/credentials/asa-rotatord.service/store.key"

  /// Reads the configuration.
  ///
  /// - Throws: `OperatorFault`, as `asactl check-config` would tell it.
  func place() throws(OperatorFault) -> (directory: String, keyFile: String) {
    let store = try RotatorConfiguration.load(path: config).store
    return (store.directory, keyFile ?? Self.keyFile(of: store))
  }

  /// Where the store key is on this host: the configured file, or the running rotator's credential.
  static func keyFile(of store: StoreConfiguration) -> String {
    let exists = { (path: String) in FileManager.default.fileExists(atPath: path) }
    return exists(store.keyFile) || !exists(credential) ? store.keyFile : credential
  }
}
