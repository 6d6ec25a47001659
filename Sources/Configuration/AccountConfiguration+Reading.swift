import RotationCore

extension AccountConfiguration {
  /// The keys of an entry of `accounts`.
  enum Key: String, SectionKey {
    case name, realm, servicePrincipalNames, encryptionTypes, arrays, policy

    static var unavailable: [String: String] {
      ["stamp": "rotating without the stamp is not built yet; remove the key and let the rotator write stampAttribute"]
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
    let types = section.list(.encryptionTypes, .encryptionType)?.map(\.value) ?? EncryptionType.allCases
    let arrays = section.requiredList(.arrays, .name("names of arrays"))
    let policySection = section.requiredSection(.policy, of: RotationPolicy.Key.self)
    let policy = policySection.flatMap(RotationPolicy.read)
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

extension RotationPolicy {
  /// The keys of `policy`.
  enum Key: String, SectionKey {
    case every, require, previous, ticketLifetime, clockSkew, stagingDeadline, proofDeadline, slotLimit

    static var unavailable: [String: String] {
      [
        "window": "rotation windows are not built yet; remove the key and set 'every' alone",
        "jitter": "jitter is not built yet; remove the key",
        "retry": "retries are not configurable yet; remove the key",
        "pause": "pausing an account is not built yet; remove the key",
        "onDrift": "acting on a foreign password reset is not built yet; remove the key",
      ]
    }
  }

  static func read(_ section: Section<Key>) -> RotationPolicy? {
    guard let every = section.required(.every, .duration(.minutes(1), .days(730))) else {
      // The other keys still deserve their faults.
      _ = RotationPolicy(every: .zero).overridden(by: section)
      return nil
    }
    return RotationPolicy(every: every).overridden(by: section)
  }

  private func overridden(by section: Section<Key>) -> RotationPolicy {
    var policy = self
    let deadline = ScalarForm.duration(.seconds(1), .hours(1))
    policy.require = section.optional(.require, .requirement) ?? require
    policy.previous = section.optional(.previous, .retention) ?? previous
    policy.ticketLifetime = section.optional(.ticketLifetime, .duration(.minutes(1), .days(70))) ?? ticketLifetime
    policy.clockSkew = section.optional(.clockSkew, deadline) ?? clockSkew
    policy.stagingDeadline = section.optional(.stagingDeadline, deadline) ?? stagingDeadline
    policy.proofDeadline = section.optional(.proofDeadline, deadline) ?? proofDeadline
    policy.slotLimit = section.optional(.slotLimit, .integer(2...64)) ?? slotLimit
    return policy
  }
}

extension ScalarForm where Value == RotationPolicy.Requirement {
  fileprivate static let requirement = ScalarForm("all or a number of nodes") { text in
    if text == "all" { return .all }
    return Int(text).flatMap { $0 > 0 ? .atLeast($0) : nil }
  }
}

extension ScalarForm where Value == RotationPolicy.PreviousRetention {
  fileprivate static let retention = ScalarForm("ticket-lifetime or keep") { RotationPolicy.PreviousRetention(rawValue: $0) }
}
