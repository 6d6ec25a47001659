package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl resume`.
package struct ResumeCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "End a pause of the schedule, of one account or of all.",
    discussion: """
      If nothing was paused it says so, and the exit code is 0 too.

      Example: asactl resume --account 'EXAMPLE\\EXCH2016ASA$'
      """)

  @OptionGroup var account: AccountSelection
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Resumes and prints what that means.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_ResumeRequest.with { $0.account = account.wireName }
    let reply = try await connection.connection.changing { try await $0.resume(request, options: ControlConnection.brief) }
    let document = ResumedDocument(accounts: reply.accounts.map(\.visible))
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      PauseRendering(time: environment.time).lines(document)
    }
  }
}
