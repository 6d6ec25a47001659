import RotationCore

extension AccountConfiguration {
  /// The keys of an entry of `accounts`.
  enum Key: String, SectionKey {
    case name, realm, servicePrincipalNames, encryptionTypes, arrays, policy

    static var unavailable: [String: String] {
      ["stamp": "the stamp is switched off for a whole directory, with 'stampAttribute: none'"]
    }
  }
}

/// An account with the lines that its faults across the file are reported in.
struct AccountEntry {
  let value: AccountConfiguration
  let line: Int
  let realmLine: Int
  let requireLine: Int
  let arrays: [Located<String>]
  let servicePrincipalNames: [Located<ServicePrincipalName>]

  init?(_ section: Section<AccountConfiguration.Key>) {
    let name = section.required(.name, .account)
    let realm = section.required(.realm, .realm)
    let names = section.requiredList(.servicePrincipalNames, .servicePrincipalName)
    let types = section.list(.encryptionTypes, .encryptionType)?.map(\.value) ?? EncryptionType.standard
    let arrays = section.requiredList(.arrays, .name("names of arrays"))
    let policySection = section.requiredSection(.policy, of: RotationPolicy.Key.self)
    let policy = policySection.flatMap(RotationPolicy.read)
    if let policySection, let policy, let name { policy.check(policySection, of: name) }
    guard let name, let realm, let names, let arrays, let policy else { return nil }

    value = AccountConfiguration(
      name: name, realm: realm, servicePrincipalNames: names.map(\.value), encryptionTypes: types.sorted(by: >),
      arrays: arrays.map(\.value), policy: policy)
    line = section.line(of: .name)
    realmLine = section.line(of: .realm)
    requireLine = policySection?.line(of: .require) ?? section.line
    self.arrays = arrays
    servicePrincipalNames = names
  }
}
