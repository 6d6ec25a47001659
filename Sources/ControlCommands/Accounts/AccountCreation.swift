import RotationCore
import SecretMemory

/// Makes a shared account, after everything has been looked at that could stand in the way.
struct AccountCreation: Sendable {
  let directory: AdministeredDirectory
  let name: AccountName
  let kind: DirectoryAccount.Kind
  let description: String?
  let supportedEncryptionTypes: UInt32

  /// Looks for whatever has the name already, and for the place that the account is to go to.
  ///
  /// - Parameter place: The distinguished name of an organizational unit; `nil`: where such accounts go by default.
  /// - Returns: The account, with a password that nobody has seen and nobody keeps: the first rotation sets another.
  /// - Throws: ``OperatorFault``: `.cannotCreate` if the name is taken anywhere in the forest, `.noInput` if there is no such place.
  func plan(in place: String?) async throws(OperatorFault) -> NewAccount {
    try await refuseTakenName()
    let account = NewAccount(
      kind: kind, samAccountName: name.samAccountName, container: try await container(place), description: description,
      supportedEncryptionTypes: supportedEncryptionTypes, password: GeneratedPassword.make())
    guard try await directory.writer.port.objectClasses(of: account.distinguishedName).isEmpty else {
      throw taken("\(account.distinguishedName) is there already, under another sAMAccountName")
    }
    return account
  }

  /// Makes it on the writer.
  ///
  /// - Throws: As ``DirectoryAdministering/create(_:)``.
  func make(_ account: NewAccount) async throws(OperatorFault) -> AdministeredAccount {
    let object = try await directory.writer.port.create(account)
    let stamp = directory.aim.stampAttribute
    guard let made = try await directory.writer.port.account(.identified(object), stampAttribute: stamp) else {
      throw directory.absence(of: name)
    }
    return made
  }

  private func refuseTakenName() async throws(OperatorFault) {
    if let existing = try await directory.account(name) { throw taken("it is \(existing.distinguishedName)") }
    let wanted = name.samAccountName
    let elsewhere = try await directory.forest { (port) throws(OperatorFault) in try await port.namesakes(of: wanted) }
    if let other = elsewhere.first { throw taken("it is \(other), in another domain of the forest") }
  }

  private func taken(_ where: String) -> OperatorFault {
    OperatorFault(
      .cannotCreate, "account \(name)", "the name is taken: \(`where`)",
      remedy: "choose another name, or use that account: 'asactl account show' describes it")
  }

  private func container(_ place: String?) async throws(OperatorFault) -> String {
    let port = directory.writer.port
    guard let place else { return try await port.standardContainer(for: kind) }
    let classes = Set(try await port.objectClasses(of: place).map { $0.lowercased() })
    guard !classes.isEmpty else {
      throw OperatorFault(
        .noInput, "--ou '\(place)'", "\(directory.writer.name) has no such object",
        remedy: "write its distinguished name, OU=Service Accounts,\(directory.domain.distinguishedName)")
    }
    guard !classes.isDisjoint(with: ["organizationalunit", "container", "domaindns"]) else {
      throw OperatorFault(
        .data, "--ou '\(place)'", "is neither an organizational unit nor a container",
        remedy: "name the organizational unit that the account is to go into")
    }
    return place
  }
}
