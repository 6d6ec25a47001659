package import ArgumentParser
import Configuration
import RotationCore

/// `asactl spn list`.
package struct SPNListCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the SPNs on the account.",
    discussion: """
      What setspn -L does, and beside it what rotator.yaml says: an SPN that it does not name has no keytab entry on the \
      nodes, and one that it names and the account lacks gets no tickets.

      Example: asactl spn list --account 'EXAMPLE\\EXCH2016ASA$'
      """)

  @OptionGroup var account: SPNAccountOptions
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks and lists.
  package func execute(in environment: CommandEnvironment) async throws {
    let found = try await directory.find(account.account, in: environment)
    let known = found.directory.aim.accounts.first { $0.name == found.name }?.servicePrincipalNames.map(\.description)
    let (configured, registered) = (
      RegisteredNames(spellings: known ?? []), RegisteredNames(spellings: found.account.servicePrincipalNames)
    )
    let document = NameListDocument(
      account: found.name.description, distinguishedName: found.account.distinguishedName.visible,
      domainController: found.directory.writer.name,
      servicePrincipalNames: registered.spellings.sorted().map { name in
        NameListDocument.Name(name: name.visible, configured: known == nil ? nil : configured.contains(name))
      }, missing: configured.spellings.filter { !registered.contains($0) })
    try Answer(environment.terminal, json: output.isJSON).print(document) { lines(document, environment.terminal.style) }
  }

  private func lines(_ document: NameListDocument, _ style: TextStyle) -> [String] {
    let names = document.servicePrincipalNames.map { name in
      "  \(name.name)\(name.configured == false ? style.paint("  not configured", .warning) : "")"
    }
    let missing = document.missing.map { "  \($0)  \(style.paint("configured, and not registered", .bad))" }
    let all = names + missing
    return ["\(document.account)  \(document.distinguishedName)"] + (all.isEmpty ? ["  no SPN"] : all)
  }
}
