import Foundation
package import RotationCore
package import SecretMemory

/// The KDC beside a ``FakePasswordDirectory``: it issues tickets under whatever password stands there.
package struct FakeTicketChecker: TicketChecking {
  private let directory: FakePasswordDirectory
  private let clock: ManualPolicyClock

  /// Issues tickets of `directory`'s account, by `clock`.
  package init(directory: FakePasswordDirectory, clock: ManualPolicyClock) {
    self.directory = directory
    self.clock = clock
  }

  /// Derives toy keys.
  package func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    ToyCryptography.keys(of: password, salt: salt, encryptionTypes: encryptionTypes)
  }

  /// Issues a ticket under the directory's key.
  package func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    let (keys, version) = try directory.issuingKeys()
    let issuing = directory.issuing
    let type = issuing.encryptionType ?? directory.issuedType.rawValue
    guard let key = keys.keys.first(where: { $0.encryptionType == type }) ?? keys.keys.last,
      !issuing.unknown.contains(servicePrincipalName.description), knows(servicePrincipalName)
    else {
      throw OperatorFault(.noInput, "\(servicePrincipalName)", "is on no account")
    }
    if let version = issuing.elsewhere[servicePrincipalName.description] {
      return ServiceTicket(
        servicePrincipalName: servicePrincipalName, version: version, encryptionType: key.encryptionType,
        endTime: clock.now().addingTimeInterval(issuing.lifetime), handle: FakeTicket(key: Self.strange))
    }
    return ServiceTicket(
      servicePrincipalName: servicePrincipalName, version: issuing.version ?? version,
      encryptionType: type,
      endTime: clock.now().addingTimeInterval(issuing.lifetime), handle: FakeTicket(key: key))
  }

  private func knows(_ name: ServicePrincipalName) -> Bool {
    let account = directory.account
    let names = name.isOwnName ? [account.samAccountName] : account.servicePrincipalNames
    return names.contains { $0.lowercased() == name.description.lowercased() }
      || directory.issuing.elsewhere[name.description] != nil
  }

  private static let strange = AccountKey(encryptionType: 18, bytes: .random(count: 32))

  /// The salt of the directory's password, for the name that the account has now.
  package func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String {
    guard samAccountName == directory.account.samAccountName else {
      throw OperatorFault(.noInput, "account \(samAccountName)", "is not known to the KDC")
    }
    return try directory.issuingKeys().0.salt ?? ""
  }

  /// Makes the toy checksum anew and compares.
  package func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool {
    ToyCryptography.tag(message, with: key) == checksum
  }
}

private struct FakeTicket: ServiceTicketHandle {
  let key: AccountKey

  func opens(with keys: AccountKeys) async -> Bool { keys.keys.contains(key) }

  func makeChallenge() async throws(OperatorFault) -> any AcceptanceChallenge {
    FakeChallenge(key: key, toy: ToyTicketRequest(with: key))
  }
}

private struct FakeChallenge: AcceptanceChallenge {
  let key: AccountKey
  let toy: ToyTicketRequest

  var request: [UInt8] { toy.bytes }

  func isAnswered(by reply: [UInt8]) async -> Bool { toy.reply(with: key) == reply }
}
