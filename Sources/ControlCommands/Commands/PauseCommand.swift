package import ArgumentParser
import ControlProtocol
import Foundation
import RotationCore
import SwiftProtobuf

/// `asactl pause`.
package struct PauseCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Stop the schedule, of one account or of all, until a time or until asactl resume.",
    discussion: """
      No rotation begins by itself meanwhile; a rotation that is under way goes on, and so does asactl rotate. A second \
      pause takes the place of the first. The time is ISO 8601 (2026-12-01T06:00:00Z), local time ('2026-12-01 06:00'), \
      or a span (90m, 12h, 3d, 2w).

      Examples:
        asactl pause --reason 'file server migration' --until 3d
        asactl pause --account 'EXAMPLE\\EXCH2016ASA$' --reason 'change freeze'
      """)

  @OptionGroup var account: AccountSelection
  @Option(help: ArgumentHelp("Why, for whoever asks later.", valueName: "text"), transform: NameArguments.remark)
  var reason: String
  @Option(help: ArgumentHelp("Until when; without it until asactl resume.", valueName: "time"))
  var until: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Pauses and prints what that means.
  package func execute(in environment: CommandEnvironment) async throws {
    let end = try until.map { text throws(OperatorFault) in try environment.futureDate(text, option: "--until") }
    let request = Asa_Control_V1_PauseRequest.with {
      $0.account = account.wireName
      $0.reason = reason
      if let end { $0.until = .with { $0.seconds = Int64(end.timeIntervalSince1970) } }
    }
    let reply = try await connection.connection.changing { try await $0.pause(request, options: ControlConnection.brief) }
    let document = PausedDocument(accounts: reply.accounts.map(\.visible), reason: reason, until: end)
    guard !document.accounts.isEmpty else {
      throw OperatorFault(.noInput, "pause", "there was no account to pause", remedy: "see asactl schedule")
    }
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      PauseRendering(time: environment.time).lines(document)
    }
  }
}
