/// The attributes of an account that its key and its tickets depend on, as the last password set found them.
struct AccountBaseline: Sendable, Equatable, Codable {
  var samAccountName: String
  var userPrincipalName: String?
  var salt: String
  var supportedEncryptionTypes: UInt32?

  init(_ account: DirectoryAccount, realm: Realm) {
    samAccountName = account.samAccountName
    userPrincipalName = account.userPrincipalName
    salt = KeySalt.forNextSet(of: account, realm: realm)
    supportedEncryptionTypes = account.supportedEncryptionTypes
  }

  /// What has changed since, each with its consequence. None of it concerns the keys that nodes hold: they were made with the salt of then.
  ///
  /// - Parameter record: What the nodes hold, and what is on its way by somebody's order.
  func drift(to now: AccountBaseline, settings: ManagedAccount, record: AccountRecord) -> [OperatorFault] {
    let subject = "account \(settings.name)"
    var faults: [OperatorFault] = []
    let resalts =
      salt == now.salt
      ? ""
      : "; the next password set makes keys with another salt, which the rotator derives by itself, and tickets go on being accepted"
    if samAccountName != now.samAccountName {
      faults.append(
        OperatorFault(
          .data, subject,
          "was renamed from \(samAccountName) to \(now.samAccountName): the account's own principal in the keytabs has the old name, 'kinit -k' with it fails\(resalts)",
          remedy:
            "rename it back, or leave the configuration as it is: rotations find the account by its objectGUID, under the name that is written there"
        ))
    }
    if userPrincipalName != now.userPrincipalName, salt != now.salt || samAccountName == now.samAccountName {
      faults.append(
        OperatorFault(
          .data, subject,
          "its userPrincipalName is \(now.userPrincipalName ?? "gone"), it was \(userPrincipalName ?? "not set")\(resalts.isEmpty ? "; the keys do not depend on it" : resalts)",
          remedy: "the next rotation takes it as it is"))
    }
    return faults + encryptionDrift(to: now, settings: settings, record: record)
  }

  private func encryptionDrift(
    to now: AccountBaseline, settings: ManagedAccount, record: AccountRecord
  ) -> [OperatorFault] {
    guard supportedEncryptionTypes != now.supportedEncryptionTypes,
      record.migration.map({ $0.goal != now.supportedEncryptionTypes }) ?? true
    else { return [] }
    let bits = now.supportedEncryptionTypes ?? 0
    let lost = settings.encryptionTypes.filter { bits != 0 && bits & $0.directoryBit == 0 }
    let holdsRC4 = record.ledger.latest?.encryptionTypes.contains(EncryptionType.rc4.rawValue) == true
    let consequence =
      if bits == 0, holdsRC4 {
        "the domain controller issues tickets with the domain's default, of which nodes have keys, RC4 among them"
      } else if bits == 0 {
        "the domain controller issues tickets with the domain's default, which may be RC4, for which no node has a key"
      } else if lost.isEmpty {
        "tickets go on being issued with the configured types"
      } else if lost.count == settings.encryptionTypes.count {
        "the domain controller issues tickets with none of the configured types, and nodes refuse clients that come with new ones"
      } else {
        "no tickets are issued with \(lost.map(\.name).joined(separator: ", ")) any more; nodes have keys of the other types"
      }
    return [
      OperatorFault(
        .data, "account \(settings.name)",
        "its msDS-SupportedEncryptionTypes is \(Self.text(now.supportedEncryptionTypes)), it was \(Self.text(supportedEncryptionTypes)): \(consequence)",
        remedy: "set the attribute to 24 (AES256 and AES128)")
    ]
  }

  private static func text(_ bits: UInt32?) -> String { bits.map(String.init) ?? "not set" }
}
