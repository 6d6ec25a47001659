package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl credential adopt`.
package struct CredentialAdoptCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Take the keys that nodes hold in place of those that this rotator's store has lost.",
    discussion: """
      For a store that is gone, or was restored from before the last rotation. A key counts as Latest only if it opens a \
      fresh ticket of the domain controller on the node that you name; older ones only if two nodes hold the same, and they \
      get an end. What one node alone has is refused by name and left there to run out. The keys stay on the nodes: nothing \
      is pushed, and the next rotation makes keys of the rotator's own.

      It is refused while a rotation is in progress, and where the store's own key opens the tickets.

      Examples:
        asactl credential adopt --from cas-1.example.com --dry-run
        asactl credential adopt --from cas-1.example.com && asactl verify && asactl rotate
      """)

  @Option(
    name: .customLong("from"), help: ArgumentHelp("The node whose keys are tried; it must be attached.", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.node)
  var node: String
  @OptionGroup var account: AccountOptions
  @Flag(name: .customLong("dry-run"), help: "Say what would be taken; change nothing.")
  var isDryRun = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Every node may take ten seconds per SPN to answer, and the domain controller its own time.
  private static let patience: Duration = .seconds(180)

  /// Adopts and prints what came of it.
  package func execute(in environment: CommandEnvironment) async throws {
    let request = Asa_Control_V1_AdoptCredentialRequest.with {
      $0.account = account.wireName
      $0.node = node
      $0.dryRun = isDryRun
    }
    let reply = try await connection.connection.changing {
      try await $0.adoptCredential(request, options: ControlConnection.answered(within: Self.patience))
    }
    let document = AdoptionDocument(reply, isDryRun: isDryRun)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      AdoptionRendering(time: environment.time).lines(document)
    }
  }
}
