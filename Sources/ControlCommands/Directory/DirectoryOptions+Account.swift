import Configuration
import RotationCore

extension DirectoryOptions {
  /// The account that a command is about: the one that was named, or the only one of the configuration.
  ///
  /// - Throws: ``OperatorFault`` of kind `.usage` if it does not follow which one is meant, and the faults of the configuration file.
  func account(_ named: String?) throws(OperatorFault) -> AccountName {
    if let named { return try AccountName(named) }
    let known = try rotatorConfiguration()?.accounts.map(\.name) ?? []
    guard known.count == 1 else {
      let problem =
        known.isEmpty
        ? "is not named, and \(configuration) names none" : "is one of " + known.map(\.description).joined(separator: ", ")
      throw OperatorFault(.usage, "the account", problem, remedy: "say which, as DOMAIN\\NAME$")
    }
    return known[0]
  }

  /// An account in its directory.
  ///
  /// - Throws: ``OperatorFault``, as ``account(_:)`` and ``AdministeredDirectory/reach(_:for:in:)``; `.noInput` if there is no such account.
  func find(
    _ named: String?, in environment: CommandEnvironment
  ) async throws(OperatorFault) -> (name: AccountName, account: AdministeredAccount, directory: AdministeredDirectory) {
    let name = try account(named)
    let directory = try await AdministeredDirectory.reach(try aim(at: name, in: environment), for: name, in: environment)
    guard let account = try await directory.account(name) else { throw directory.absence(of: name) }
    return (name, account, directory)
  }
}

extension AdministeredDirectory {
  /// An account as the writer has it; `nil` if it has none.
  func account(_ name: AccountName) async throws(OperatorFault) -> AdministeredAccount? {
    try await writer.port.account(.named(name.samAccountName), stampAttribute: aim.stampAttribute)
  }

  /// What to say of an account that is not there.
  func absence(of name: AccountName) -> OperatorFault {
    OperatorFault(
      .noInput, "account \(name)", "\(writer.name) has no such account",
      remedy: "check its name; 'asactl account create' makes one, and 'asactl account list' shows those that are known")
  }
}
