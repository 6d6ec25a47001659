package import ArgumentParser
import ControlProtocol
import RotationCore
import SwiftProtobuf

/// `asactl account enctypes`.
package struct AccountEnctypesCommand: ControlCommand {
  /// What an account can be moved to.
  enum Goal: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// AES and nothing else.
    case aesOnly = "aes-only"
  }

  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "enctypes", abstract: "Show an account's encryption types, or move it to AES without one refused client.",
    discussion: """
      Without --to it shows the attribute msDS-SupportedEncryptionTypes, what each domain controller issues now, what each \
      node's slots hold, and which step to AES comes next and why. Nothing is changed by that.

      --to aes-only does the steps in order, as far as it can, and says what it waits for; run it again to go on:
        1 keys       every node holds AES keys of the present password: a rotation makes them beside RC4 keys, if need be
        2 attribute  msDS-SupportedEncryptionTypes is set to 24 (AES256 and AES128)
        3 proof      every domain controller issues AES tickets for every SPN, and every node accepts them
        4 drop       a rotation without RC4 keys; those of before are destroyed when no ticket under them can be alive

      Step 2 needs write on that one attribute. Where the rotator has not got it, the command prints how to grant it, or to \
      set the value by hand, on Windows and on Samba.

      The exit code is 0 if the move is over, or only tickets have to end; 75 if a domain controller is waited for; otherwise \
      that of the fault which stands in the way (77: the right is missing).

      Examples:
        asactl account enctypes
        asactl account enctypes 'EXAMPLE\\EXCH2016ASA$' --to aes-only --dry-run
        asactl account enctypes --to aes-only --yes
      """)

  @Argument(
    help: ArgumentHelp("The account; may be left out where only one is configured.", valueName: "DOMAIN\\acct$"),
    completion: LiveCompletion.account, transform: NameArguments.account)
  var account: String?
  @Option(name: .customLong("to"), help: "What to move it to: aes-only.") var goal: Goal?
  @Option(
    name: .customLong("wait"),
    help: ArgumentHelp("How long to wait for domain controllers that replicate (0 to 3600).", valueName: "seconds"))
  var patience = 30
  @Flag(name: .customLong("dry-run"), help: "Say what would be done; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses a wait that is none.
  package func validate() throws {
    guard (0...3600).contains(patience) else { throw ValidationError("--wait is a number of seconds from 0 to 3600") }
  }

  /// Shows, asks, moves.
  package func execute(in environment: CommandEnvironment) async throws {
    guard goal != nil else { return try await show(environment) }
    if isDryRun {
      try await show(environment)
      return output.isJSON ? () : try environment.terminal.print(["Nothing was changed."])
    }
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "account enctypes")
    var name = account ?? ""
    if !isConfirmed {
      let report = try await driver(environment).ask(name, isAdvancing: false)
      try render(report, environment)
      try await consent.obtain("Move \(report.account) on to AES now?")
      name = report.account
    }
    let report = try await driver(environment).advance(name, patience: patience)
    try render(report, environment)
    try report.conclude()
  }

  private func show(_ environment: CommandEnvironment) async throws {
    try render(try await driver(environment).ask(account ?? "", isAdvancing: false), environment)
  }

  private func render(_ report: EncryptionDocument, _ environment: CommandEnvironment) throws {
    try Answer(environment.terminal, json: output.isJSON).print(report) {
      EncryptionRendering(time: environment.time, style: environment.terminal.style).lines(report)
    }
  }

  private func driver(_ environment: CommandEnvironment) -> EncryptionDriver {
    EncryptionDriver(connection: connection.connection, environment: environment, isQuiet: output.isJSON)
  }
}
