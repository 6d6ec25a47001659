import RotationCore

/// Renders an ``AccountCreationDocument`` for people.
struct AccountCreationRendering {
  let document: AccountCreationDocument

  /// What is to be done.
  var plan: [String] {
    let types = SupportedEncryptionTypes(document.supportedEncryptionTypes).permitted.map(\.name).joined(separator: ", ")
    return [
      "Create the \(document.kind) account \(document.account)", "  as           \(document.distinguishedName)",
      "  on           \(document.domainController)", "  description  \(document.description ?? "none")",
      "  enctypes     msDS-SupportedEncryptionTypes \(document.supportedEncryptionTypes): \(types)",
      "  password     random; nobody sees or keeps it, the first rotation sets another",
      "  SPNs         none: 'asactl spn add' registers them \(hasNamesFirst ? "before the first rotation" : "once a node holds the key")",
    ]
  }

  /// What was done, and how to go on.
  var lines: [String] {
    let behind = document.controllers.filter { !$0.hasIt }
    let spread =
      behind.isEmpty
      ? ["\(document.account) is on \(Self.all(document.controllers.count))."]
      : behind.map { "\($0.name): \($0.fault ?? "does not have it")" }
    return spread + delegation + next
  }

  private var delegation: [String] {
    guard !document.delegation.isEmpty else { return [] }
    return ["The rotator needs its rights on this one object. Any of these grants them:"]
      + document.delegation.map { "  \($0)" }
  }

  private var next: [String] {
    [
      "Then name the account in rotator.yaml and agent.yaml, start the daemons, and:"
    ] + (hasNamesFirst ? [register, rotate] : [rotate, register])
  }

  /// No ticket is issued for a user account without an SPN, so its first rotation could not be proven.
  private var hasNamesFirst: Bool { document.kind == DirectoryAccount.Kind.user.rawValue }

  private var rotate: String { "  asactl rotate --account '\(document.account)'" }
  private var register: String { "  asactl spn add --account '\(document.account)' SPN..." }

  private static func all(_ count: Int) -> String {
    count == 1 ? "the only domain controller" : "all \(count) domain controllers"
  }
}
