package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl reload`.
package struct ReloadCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Let asa-rotatord read its configuration again.",
    discussion: """
      When it returns, the whole file is in force and every change was printed, or the whole file was refused: then each \
      fault is one line on standard error, the exit code is that of the first one (78 for a wrong configuration), and \
      everything goes on as before. systemctl reload asa-rotatord does the same.

      Example: asactl check-config && asactl reload
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Shorter than systemd's own limit for a reload (90 s), so that the reason is told by us.
  private static let patience = Duration.seconds(80)

  /// Reloads and prints what changed.
  package func execute(in environment: CommandEnvironment) async throws {
    let options = ControlConnection.answered(within: Self.patience)
    let reply = try await connection.connection.changing { try await $0.reload(.init(), options: options) }
    let document = ReloadDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      document.changes.isEmpty ? ["nothing changed"] : document.changes
    }
  }
}
