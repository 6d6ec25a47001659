package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl ack`.
package struct AcknowledgeCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "ack", abstract: "Acknowledge alarms: nobody is told of them again unless they happen anew.",
    discussion: """
      Without an outcome all alarms, without --account those of all accounts and of the daemon itself. asactl status \
      shows the alarms. If there was nothing to acknowledge it says so, and the exit code is 0 too.

      Outcomes: \(AlarmOutcome.allCases.map(\.rawValue).joined(separator: ", ")).

      Example: asactl ack behind overdue --comment 'cas-2 is being replaced'
      """)

  @Argument(
    help: ArgumentHelp("Only alarms with these outcomes.", valueName: "outcome"),
    completion: .list(AlarmOutcome.allCases.map(\.rawValue)), transform: NameArguments.alarm)
  var outcomes: [AlarmOutcome] = []
  @OptionGroup var account: AccountSelection
  @Option(help: ArgumentHelp("A remark for the record.", valueName: "text"), transform: NameArguments.remark)
  var comment: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Acknowledges and prints which alarms that were.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_AcknowledgeRequest.with {
      $0.account = account.wireName
      $0.outcomes = outcomes.map(\.rawValue)
      $0.comment = comment ?? ""
    }
    let reply = try await connection.connection.changing { try await $0.acknowledge(request, options: ControlConnection.brief) }
    let document = AcknowledgedDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      AlarmRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }
}
