package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl credential remove`.
package struct CredentialRemoveCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Have nodes destroy the keys of accounts, and give them none again.",
    discussion: """
      The agent takes its node out of service, and destroys every key of the account: in keytabs, in its slots and in the \
      saved copies of keytabs. The node stays attached, its certificate good, and asactl status says that its keys were removed. \
      It is given none until asactl credential copy --to it, or until the next rotation of the account. Without --account it is \
      every account of the node. The last node that holds the keys of an account needs --all: no client is accepted then.

      Programs that have read a keytab when they started may keep its keys in memory: restart them. A node that is given up for \
      good is for asactl nodes decommission, which revokes its certificate too.

      On Windows: Set-ClientAccessServer -RemoveAlternateServiceAccountCredentials.

      Examples:
        asactl credential remove cas-3.example.com
        asactl credential remove 'cas-*' --account 'EXAMPLE\\EXCH2016ASA$' --dry-run
        asactl credential remove --all --account 'EXAMPLE\\EXCH2016ASA$'
      """)

  @Argument(
    help: ArgumentHelp("The nodes; * and ? stand for any characters and for one.", valueName: "node"),
    completion: LiveCompletion.node, transform: NameArguments.nodePattern)
  var nodes: [String] = []
  @Flag(name: .customLong("all"), help: "Every node: no client is accepted any more.")
  var isAll = false
  @OptionGroup var account: AccountSelection
  @Flag(name: .customLong("dry-run"), help: "Say what would be destroyed and who would be refused; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses some nodes and all of them at once.
  package func validate() throws {
    if isAll, !nodes.isEmpty { throw ValidationError("name nodes or give --all, not both") }
  }

  /// Shows what would be destroyed, asks, has it destroyed.
  package func execute(in environment: CommandEnvironment) async throws {
    guard isAll || !nodes.isEmpty else { throw ValidationError("name nodes, or give --all") }
    if isDryRun { return try render(try await removal(isDryRun: true), environment) }
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "credential remove")
    if !isConfirmed {
      let plan = try await removal(isDryRun: true)
      try environment.terminal.print(RemovalRendering().plan(plan))
      try await consent.obtain(
        "Destroy these keys now\(isAll ? ", and have every client refused" : "")?")
    }
    try render(try await removal(isDryRun: false), environment)
  }

  private func removal(isDryRun: Bool) async throws -> RemovalDocument {
    let request = Asa_Control_V1_RemoveCredentialRequest.with {
      $0.account = account.wireName
      $0.nodes = nodes
      $0.all = isAll
      $0.dryRun = isDryRun
    }
    let reply = try await connection.connection.changing {
      try await $0.removeCredential(request, options: ControlConnection.brief)
    }
    return RemovalDocument(reply, isDryRun: isDryRun)
  }

  private func render(_ document: RemovalDocument, _ environment: CommandEnvironment) throws {
    try Answer(environment.terminal, json: output.isJSON).print(document) { RemovalRendering().lines(document) }
  }
}
