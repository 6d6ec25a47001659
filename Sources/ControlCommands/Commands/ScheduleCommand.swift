package import ArgumentParser
import ControlProtocol
import SwiftProtobuf

/// `asactl schedule`.
package struct ScheduleCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Show when the next rotations begin, and why then.",
    discussion: """
      The dates are those that follow if every rotation succeeds at once. A pause is shown first: see asactl pause.

      Example: asactl schedule --account 'EXAMPLE\\EXCH2016ASA$' --count 12
      """)

  @OptionGroup var account: AccountSelection
  @Option(help: ArgumentHelp("So many dates per account (1 to 100).", valueName: "count"))
  var count: UInt32 = 5
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Checks the count.
  package func validate() throws {
    guard (1...100).contains(count) else { throw ValidationError("--count must be 1 to 100") }
  }

  /// Asks for the dates and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_ScheduleRequest.with {
      $0.account = account.wireName
      $0.count = count
    }
    let reply = try await connection.connection.reading { try await $0.getSchedule(request, options: ControlConnection.brief) }
    let document = ScheduleDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      ScheduleRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
