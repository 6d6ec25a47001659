package import ArgumentParser
import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

/// `asactl credential copy`.
package struct CredentialCopyCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Make nodes hold the keys that the rotator has, and wait until they confirm it.",
    discussion: """
      A node that is new, or was away, gets its keys by itself; this is for one from which they were removed, and for whoever \
      wants to see it done. Nothing is changed in Active Directory. The keys come from the rotator: none travels from one node \
      to another. --from names a node that serves well; it is looked at, and the command is refused unless that node holds the \
      rotator's slots. A node that is away is told when it is back.

      On Windows: -CopyFrom. The exit code is 0 if every node has confirmed, else 69.

      Examples:
        asactl credential copy --to cas-3.example.com
        asactl credential copy --from cas-1.example.com --to 'cas-*'
        asactl credential copy --to-array-members mail.example.com
      """)

  @Option(
    name: .customLong("from"), help: ArgumentHelp("A node that has to hold the rotator's slots.", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.node)
  var source: String?
  @OptionGroup var destinations: DestinationOptions
  @OptionGroup var account: AccountSelection
  @Flag(name: .customLong("dry-run"), help: "Say which nodes would be told; change nothing.")
  var isDryRun = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Copies, and tells of every node as it confirms.
  package func execute(in environment: CommandEnvironment) async throws {
    let rendering = CopyRendering(time: environment.time, style: environment.terminal.style)
    let terminal = environment.terminal
    let isJSON = output.isJSON
    let document = try await copied { node in
      if !isJSON { try terminal.print([rendering.line(node)]) }
    }
    if isJSON {
      try terminal.print([JSONText.document(document)])
    } else {
      try terminal.print(rendering.summary(document))
    }
    if document.failed > 0 { throw ExitCode(OperatorFault.Kind.unavailable.exitCode) }
  }

  private func copied(_ tell: @escaping @Sendable (CopyDocument.Node) throws -> Void) async throws -> CopyDocument {
    let scope = try destinations.wire()
    let request = Asa_Control_V1_CopyCredentialRequest.with {
      $0.account = account.wireName
      $0.from = source ?? ""
      $0.to = scope
      $0.dryRun = isDryRun
    }
    let empty = CopyDocument(from: source, isDryRun: isDryRun)
    return try await connection.connection.changing { client in
      try await client.copyCredential(request, options: ControlConnection.stream) { response in
        var document = empty
        for try await message in response.messages {
          if try document.took(message, telling: tell) { return document }
        }
        throw Self.endUnknown
      }
    }
  }

  private static let endUnknown = OperatorFault(
    .unavailable, "asa-rotatord", "the stream ended before all nodes had answered",
    remedy: "nodes that are attached are told again when it runs; look at asactl status")
}
