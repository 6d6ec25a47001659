package import ArgumentParser
import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

/// `asactl verify`.
package struct VerifyCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Let every node prove now that it accepts a fresh Kerberos ticket. Changes nothing.",
    discussion: """
      The rotator gets a ticket for each SPN from the domain controller that it writes to, and every node opens it with the \
      keytab that is installed. With --full every domain controller is asked for tickets. The exit code is 0 only if all \
      accepted, else 69.

      Example: asactl verify --full
      """)

  @Flag(help: "Tickets of every domain controller.") var full = false

  @OptionGroup var account: AccountOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks for the proofs and prints them.
  package func execute(in environment: CommandEnvironment) async throws {
    let terminal = environment.terminal
    let document = try await verification()
    try Answer(terminal, json: output.isJSON).print(document) {
      VerificationRendering(columns: terminal.size()?.columns, style: terminal.style).lines(document)
    }
    guard document.allAccepted else { throw ExitCode(OperatorFault.Kind.unavailable.exitCode) }
  }

  private func verification() async throws -> VerificationDocument {
    let request = Asa_Control_V1_VerifyRequest.with {
      $0.account = account.wireName
      $0.full = full
    }
    return try await connection.connection.changing { client in
      try await client.verify(request, options: ControlConnection.stream) { response in
        try await Self.collect(response.messages)
      }
    }
  }

  private static func collect(
    _ messages: RPCAsyncSequence<Asa_Control_V1_VerifyProgress, any Error>
  ) async throws -> VerificationDocument {
    var verdicts: [VerdictDocument] = []
    for try await message in messages {
      switch message.event {
      case .verdict(let verdict): verdicts.append(VerdictDocument(verdict))
      case .ended(let summary): return VerificationDocument(verdicts: verdicts, summary: summary)
      case .fault(let fault): throw FaultDocument(fault).operatorFault
      case nil: continue
      }
    }
    throw OperatorFault(
      .unavailable, "asa-rotatord", "the stream ended before all nodes had answered",
      remedy: "look at systemctl status asa-rotatord")
  }
}
