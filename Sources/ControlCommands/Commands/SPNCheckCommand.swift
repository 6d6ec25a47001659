package import ArgumentParser
import Configuration
import RotationCore

/// `asactl spn check`.
package struct SPNCheckCommand: ControlCommand {
  /// Its help page.
  package static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look at every configured SPN on every domain controller.",
    discussion: """
      One line per finding, with the advice: an SPN that is missing, on another account, on two (setspn -X), or spelled in \
      another case; short names that lead elsewhere; owners that are disabled or have not set a password for long; domain \
      controllers that do not have an SPN yet, or do not answer. Every domain controller is asked, and the global catalog of \
      each for the whole forest. Where the configuration has several realms, --realm says which.

      The exit code is 0 if nothing is wrong, notes aside, and 1 otherwise.

      Examples:
        asactl spn check
        asactl spn check --account 'EXAMPLE\\EXCH2016ASA$' --as-rotator --json
      """)

  @OptionGroup var account: SPNAccountOptions
  @OptionGroup var directory: DirectoryOptions
  @OptionGroup var output: OutputOptions

  /// Made by ArgumentParser.
  package init() {}

  /// Asks all and judges.
  package func execute(in environment: CommandEnvironment) async throws {
    let named = try account.account.map { (text) throws(OperatorFault) in try AccountName(text) }
    let reached = try await AdministeredDirectory.reach(
      try directory.aim(at: named, in: environment), for: named, in: environment)
    let accounts = reached.aim.accounts.filter { named == nil || $0.name == named }
    guard !accounts.isEmpty else {
      throw OperatorFault(
        .usage, "spn check",
        "\(named.map { "\($0) is not configured" } ?? "no account is configured for \(reached.aim.realm)")",
        remedy: "name the rotator's configuration with --config; 'asactl spn list' shows what any account has")
    }
    let document = await check(accounts, reached, environment)
    try Answer(environment.terminal, json: output.isJSON).print(document) { lines(document, environment.terminal.style) }
    if !document.clean { throw ExitCode(1) }
  }

  private func check(
    _ accounts: [AccountConfiguration], _ reached: AdministeredDirectory, _ environment: CommandEnvironment
  ) async -> NameCheckDocument {
    var findings: [NameFinding] = []
    for account in accounts {
      let readings = await readings(of: account, reached)
      findings += NameCheck(
        account: account.name, configured: account.servicePrincipalNames, readings: readings, now: environment.now()
      ).findings()
    }
    return NameCheckDocument(
      accounts: accounts.map(\.name.description), controllers: reached.seats.map(\.name),
      checked: accounts.reduce(0) { $0 + $1.servicePrincipalNames.count }, findings: findings,
      clean: findings.allSatisfy { $0.severity == NameFinding.Severity.note.rawValue })
  }

  private func readings(
    of account: AccountConfiguration, _ reached: AdministeredDirectory
  ) async -> [NameCheck.Reading] {
    let reference = AccountReference.named(account.name.samAccountName)
    let names = NameCheck.names(of: account.servicePrincipalNames)
    let answers = await reached.everywhere { (port) throws(OperatorFault) in
      let found = try await port.account(reference, stampAttribute: nil)
      // Not every domain controller is a global catalog; those that are tell of the whole forest.
      let holders = try? await port.forestHolders(of: names)
      return (found, holders)
    }
    return answers.map { answer in
      NameCheck.Reading(
        controller: answer.controller, account: answer.result.map(\.0), holders: answer.value.flatMap(\.1))
    }
  }

  private func lines(_ document: NameCheckDocument, _ style: TextStyle) -> [String] {
    let findings = document.findings.map { finding in
      let subject = finding.servicePrincipalName ?? finding.account
      let place = finding.controller.map { " on \($0)" } ?? ""
      return "\(style.paint(finding.severity, tint(finding))): \(subject)\(place): \(finding.problem); \(finding.advice)"
    }
    let extent =
      "\(document.checked) SPNs of \(document.accounts.joined(separator: ", ")) on \(document.controllers.joined(separator: ", "))"
    return findings + (document.clean ? [style.paint("\(extent): nothing is wrong.", .good)] : [])
  }

  private func tint(_ finding: NameFinding) -> TextStyle.Tint {
    switch finding.severity {
    case NameFinding.Severity.error.rawValue: .bad
    case NameFinding.Severity.warning.rawValue: .warning
    default: .faint
    }
  }
}
