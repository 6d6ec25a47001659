package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl history`.
package struct HistoryCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what happened: rotations and how they ended, nodes behind, keys retired.",
    discussion: """
      The newest record is at the end. The same records are in the journal, see asactl journal.

      Example: asactl history --account 'EXAMPLE\\EXCH2016ASA$' --limit 5
      """)

  @OptionGroup var account: AccountSelection
  @Option(help: ArgumentHelp("At most this many records, the newest ones (1 to 10000).", valueName: "count"))
  var limit: UInt32 = 20
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the limit.
  package func validate() throws {
    guard (1...10000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
  }

  /// Asks for the records and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_HistoryRequest.with {
      $0.account = account.wireName
      $0.limit = limit
    }
    let reply = try await connection.connection.reading { try await $0.getHistory(request, options: ControlConnection.brief) }
    let document = HistoryDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      HistoryRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
