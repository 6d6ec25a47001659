package import ArgumentParser
import RotationCore

/// `asactl account delegate`.
package struct AccountDelegateCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "delegate", abstract: "Give the rotator the rights that it needs on an account, on that one object.",
    discussion: """
      Two rights: Reset Password, and write on the attribute that carries the rotator's stamp (adminDescription unless \
      configured otherwise). It is what dsacls DN /G 'DOMAIN\\rotator:CA;Reset Password' 'DOMAIN\\rotator:WP;adminDescription' \
      does on Windows. Every other entry of the object's permissions stays as it is; what is there already is said and not \
      made twice. Rights that the rotator has beyond that, also through groups, are named.

      You need the right to change the object's permissions; sign on with kinit first.

      --remove takes the rights back: all three kinds, or with --encryption-types that one alone.

      Examples:
        asactl account delegate 'EXAMPLE\\EXCH2016ASA$'
        asactl account delegate 'EXAMPLE\\EXCH2016ASA$' --to 'EXAMPLE\\svc-asa-rotator' --dry-run
      """)

  @Argument(
    help: ArgumentHelp("The account.", valueName: "DOMAIN\\acct$"), completion: LiveCompletion.account,
    transform: NameArguments.account)
  var account: String
  @Option(
    name: .customLong("to"),
    help: ArgumentHelp(
      "Who gets the rights, instead of the rotator of the configuration: name, DOMAIN\\name or name@REALM.",
      valueName: "principal"))
  var principal: String?
  @Flag(
    name: .customLong("encryption-types"),
    help: "Also write on msDS-SupportedEncryptionTypes, for 'asactl account enctypes --to aes-only'.")
  var isWithEncryptionTypes = false
  @Flag(name: .customLong("remove"), help: "Take the rights back.")
  var isRemoving = false
  @Flag(name: .customLong("dry-run"), help: "Say what would be changed; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Looks, asks, changes, looks again.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed || isDryRun, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "account delegate")
    let found = try await directory.find(account, in: environment)
    let rendering = DelegationRendering(stampAttribute: found.directory.aim.stampAttribute, style: environment.terminal.style)
    let delegation = AccountDelegation(
      directory: found.directory, account: found.account, principal: try principal(found.directory),
      rights: rights(found.directory), isRemoving: isRemoving)
    let plan = try await delegation.plan()
    if !output.isJSON { try environment.terminal.print(rendering.plan(plan)) }
    if isDryRun || plan.changes.isEmpty { return try conclude(plan, delegation, environment) }
    try await consent.obtain(isRemoving ? "Take them back?" : "Grant them?")
    let done = try await delegation.carryOut(plan)
    try Answer(environment.terminal, json: output.isJSON).print(done) { rendering.lines(done) }
    try delegation.check(done)
  }

  private func conclude(
    _ plan: DelegationDocument, _ delegation: AccountDelegation, _ environment: CommandEnvironment
  ) throws {
    var plan = plan
    plan.dryRun = isDryRun
    try Answer(environment.terminal, json: output.isJSON).print(plan) { ["Nothing was changed."] }
    if !isDryRun { try delegation.check(plan) }
  }

  private func principal(_ reached: AdministeredDirectory) throws(OperatorFault) -> String {
    guard let principal = principal ?? reached.aim.rotatorPrincipal else {
      throw OperatorFault(
        .usage, "the rotator's principal", "is not known without its configuration",
        remedy: "name it with --to, or the configuration with --config")
    }
    return principal
  }

  private func rights(_ reached: AdministeredDirectory) -> Set<DelegatedRight> {
    if isRemoving, isWithEncryptionTypes { return [.writeEncryptionTypes] }
    var rights: Set<DelegatedRight> =
      isRemoving || isWithEncryptionTypes ? Set(DelegatedRight.allCases) : [.resetPassword, .writeStamp]
    if reached.aim.stampAttribute == nil { rights.remove(.writeStamp) }
    return rights
  }
}
