package import ArgumentParser
import Foundation
import RotationCore

/// `asactl account create`.
package struct AccountCreateCommand: ControlCommand {
  /// The kinds of account, as they are written on the command line.
  enum Kind: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A computer account.
    case computer
    /// A user account.
    case user
  }

  /// The encryption types of a new account.
  enum Types: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// AES256 and AES128.
    case aes
    /// The same, and RC4.
    case aesAndRC4 = "aes+rc4"

    /// msDS-SupportedEncryptionTypes (MS-KILE 2.2.7).
    var bits: UInt32 { self == .aes ? 0x18 : 0x1C }
  }

  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a shared account in the directory, and wait until every domain controller has it.",
    discussion: """
      It does what New-ADComputer and Set-ADComputer -Replace @{'msDS-SupportedEncryptionTypes'=24} do on Windows, under your \
      own Kerberos ticket (kinit): a computer account, which no password policy of the domain concerns; with --kind user a \
      user account whose password does not expire. Its password is random and kept nowhere: the first rotation sets another. \
      A name that anything in the forest has already is refused.

      It registers no SPN. As long as no node holds the key, an SPN would make clients ask for tickets that nobody can open; \
      'asactl spn add' comes after the first rotation. To a user account without an SPN nobody gets a ticket, so there it comes \
      right before.

      At the end it prints how to delegate the account to the rotator. The exit code is 75 if a domain controller has not got \
      the account within --wait seconds: it is there, and replication goes on.

      Examples:
        asactl account create 'EXAMPLE\\EXCH2016ASA$' --description 'Key of mail.example.com'
        asactl account create 'EXAMPLE\\svc-web' --kind user --ou 'OU=Service Accounts,DC=example,DC=com' --dry-run
      """)

  @Argument(
    help: ArgumentHelp("The account; a computer's ends in $.", valueName: "DOMAIN\\acct$"), transform: NameArguments.account)
  var account: String
  @Option(help: "computer or user.") var kind = Kind.computer
  @Option(help: ArgumentHelp("The organizational unit that it goes into instead of the domain's default.", valueName: "DN"))
  var ou: String?
  @Option(name: .customLong("description"), help: "Its description.", transform: NameArguments.remark)
  var remark: String?
  @Option(help: "aes: AES256 and AES128 (24). aes+rc4: RC4 too (28), for clients that know nothing else.")
  var enctypes = Types.aes
  @Option(
    name: .customLong("wait"),
    help: ArgumentHelp("How long to wait for domain controllers that replicate (0 to 86400).", valueName: "seconds"))
  var patience = 120
  @Flag(name: .customLong("dry-run"), help: "Look whether it can be made, and show the plan; change nothing.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Refuses names that no domain controller takes, and a wait that is none.
  package func validate() throws {
    guard (0...86_400).contains(patience) else { throw ValidationError("--wait is a number of seconds from 0 to 86400") }
    guard let name = try? AccountName(account).samAccountName else { return }
    let longest = NewAccount.longestName(of: accountKind)
    switch (accountKind, name.hasSuffix("$")) {
    case (.computer, false): throw ValidationError("the name of a computer account ends in $, write '\(account)$'")
    case (.user, true): throw ValidationError("the name of a user account does not end in $")
    default: break
    }
    guard name.count <= longest, name != "$" else {
      let limit = accountKind == .computer ? "15 characters and the $" : "\(longest) characters"
      throw ValidationError(
        "'\(name)' has \(name.count) characters, the name of a \(kind.rawValue) account has at most \(limit)")
    }
  }

  /// Looks, asks, makes, waits.
  package func execute(in environment: CommandEnvironment) async throws {
    let consent = Consent(terminal: environment.terminal, isGiven: isConfirmed || isDryRun, isQuiet: output.isJSON)
    try consent.checkCanBeGiven(subject: "account create")
    let name = try AccountName(account)
    let reached = try await AdministeredDirectory.reach(
      try directory.aim(at: name, in: environment), for: name, in: environment)
    let creation = AccountCreation(
      directory: reached, name: name, kind: accountKind, description: remark, supportedEncryptionTypes: enctypes.bits)
    let planned = try await creation.plan(in: ou)
    var document = document(planned, reached)
    if !output.isJSON, isDryRun || !isConfirmed {
      try environment.terminal.print(AccountCreationRendering(document: document).plan)
    }
    if isDryRun { return try concludeDryRun(document, environment) }
    try await consent.obtain("Create it?")
    let made = try await creation.make(planned)
    (document.objectGUID, document.distinguishedName, document.dryRun) = (made.objectGUID, made.distinguishedName, false)
    document.controllers = try await spread(made, reached, environment)
    document.delegation = await delegation(of: made, reached)
    try Answer(environment.terminal, json: output.isJSON).print(document) { AccountCreationRendering(document: document).lines }
    try conclude(document)
  }

  private var accountKind: DirectoryAccount.Kind { kind == .computer ? .computer : .user }

  private func document(_ planned: NewAccount, _ reached: AdministeredDirectory) -> AccountCreationDocument {
    AccountCreationDocument(
      account: account, kind: kind.rawValue, distinguishedName: planned.distinguishedName, objectGUID: nil,
      description: remark, supportedEncryptionTypes: enctypes.bits, domainController: reached.writer.name, controllers: [],
      delegation: [], dryRun: true)
  }

  private func concludeDryRun(_ document: AccountCreationDocument, _ environment: CommandEnvironment) throws {
    try Answer(environment.terminal, json: output.isJSON).print(document) { ["Nothing was changed."] }
  }

  private func spread(
    _ made: AdministeredAccount, _ reached: AdministeredDirectory, _ environment: CommandEnvironment
  ) async throws -> [AccountCreationDocument.Controller] {
    let tell = { (line: String) throws in if !output.isJSON { try environment.terminal.print([line]) } }
    try tell("\(account) was created on \(reached.writer.name).")
    let wait = ReplicationWait(directory: reached, object: .identified(made.objectGUID), patience: patience)
    return try await wait.run(telling: tell)
  }

  /// Nothing that goes wrong here undoes that the account is there: what cannot be found out is left for the reader to fill in.
  private func delegation(of made: AdministeredAccount, _ reached: AdministeredDirectory) async -> [String] {
    let (known, attribute, port) = (reached.aim.rotatorPrincipal, reached.aim.stampAttribute, reached.writer.port)
    let principal = known ?? "ROTATOR"
    let rights = try? await port.rights(of: principal, on: made.objectGUID, stampAttribute: attribute)
    var stamp: (String, UUID)?
    if let attribute, let identifier = try? await port.identifier(ofStampAttribute: attribute) {
      stamp = (attribute, identifier)
    }
    let commands = DelegationCommands(
      distinguishedName: made.distinguishedName, trustee: rights?.trustee.name ?? reached.accountName(principal),
      securityIdentifier: rights?.trustee.securityIdentifier, stamp: stamp)
    return ["asactl account delegate '\(account)'\(known == nil ? " --to \(principal)" : "")"] + commands.lines
  }

  private func conclude(_ document: AccountCreationDocument) throws(OperatorFault) {
    let behind = document.controllers.filter { !$0.hasIt }.map(\.name)
    guard !behind.isEmpty else { return }
    throw OperatorFault(
      .temporary, account, "it was made, and is not on \(behind.joined(separator: ", ")) yet",
      remedy: "wait for replication; 'asactl account show \(account)' tells when it is there")
  }
}
