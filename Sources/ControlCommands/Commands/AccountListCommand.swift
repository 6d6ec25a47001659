package import ArgumentParser
import Configuration
import RotationCore

/// `asactl account list`.
package struct AccountListCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the configured accounts, and those of the domain that any rotator has rotated.",
    discussion: """
      The second kind are the accounts whose stamp attribute holds a rotator's claim. One that is not configured here belongs \
      to another rotator, or was taken out of the configuration. Where the configuration has several realms, --realm says which.

      Examples:
        asactl account list
        asactl account list --realm EXAMPLE.COM --json
      """)

  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks and lists.
  package func execute(in environment: CommandEnvironment) async throws {
    let aim = try directory.aim(in: environment)
    let reached = try await AdministeredDirectory.reach(aim, in: environment)
    let document = try await list(reached)
    try Answer(environment.terminal, json: output.isJSON).print(document) {
      AccountListRendering(time: environment.time, style: environment.terminal.style).lines(document)
    }
  }

  private func list(_ reached: AdministeredDirectory) async throws(OperatorFault) -> AccountListDocument {
    var accounts: [ListedAccountDocument] = []
    var known: Set<AccountName> = []
    for name in reached.aim.accounts.map(\.name) {
      let found = try await reached.account(name)
      known.insert(name)
      accounts.append(
        found.map { ListedAccountDocument($0, named: name.description, isConfigured: true) }
          ?? ListedAccountDocument(missing: name.description, on: reached.writer.name))
    }
    guard let attribute = reached.aim.stampAttribute else {
      return AccountListDocument(realm: reached.aim.realm.description, accounts: accounts, complete: true)
    }
    let stamped = try await reached.writer.port.accounts(stampedIn: attribute)
    for account in stamped.found.sorted(by: { $0.samAccountName < $1.samAccountName }) {
      let name = reached.accountName(account.samAccountName)
      guard (try? AccountName(name)).map(known.contains) != true else { continue }
      accounts.append(ListedAccountDocument(account, named: name, isConfigured: false))
    }
    return AccountListDocument(realm: reached.aim.realm.description, accounts: accounts, complete: stamped.isComplete)
  }
}
