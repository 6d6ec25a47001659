package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl dc forget`.
package struct ControllerForgetCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Give up a domain controller that will never answer again.",
    discussion: """
      A rotation is pinned to one domain controller: while that one may still apply a password, no other is written to. When \
      it is gone for good, name its successor under directories.controllers, restart asa-rotatord, then forget the old one. A \
      rotation that was open ends; its key stays on the nodes, and passwords that the successor never got are set again there \
      under their own kvno, so that no ticket loses its key.

      If the controller comes back after this, two directories disagree: remove its NTDS object first.

      Example: asactl dc forget dc1.example.com
      """)

  @Argument(
    help: ArgumentHelp("The DNS name of the lost controller.", valueName: "name"), completion: LiveCompletion.controller)
  var controller: String
  @OptionGroup var account: AccountOptions
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks the person, has it forgotten, prints what follows.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "dc forget")
    try await consent.obtain("Give up \(controller.visible)? It must never come back.")
    let request = Asa_Control_V1_ForgetControllerRequest.with {
      $0.account = account.wireName
      $0.controller = controller
    }
    let reply = try await connection.connection.changing {
      try await $0.forgetController(request, options: ControlConnection.answered(within: Self.patience))
    }
    let document = ForgottenControllerDocument(reply)
    try Answer(environment.terminal, json: output.isJSON).print(document) { document.lines }
  }

  /// The directory and the nodes are asked which key stands there.
  private static let patience: Duration = .seconds(120)
}
