import Foundation

/// Renders an ``AccountDescriptionDocument`` for people.
struct AccountDescriptionRendering {
  let time: LocalTime
  let style: TextStyle

  /// One line per property, the domain controllers, the SPNs, the rights.
  func lines(_ account: AccountDescriptionDocument) -> [String] {
    [style.paint(account.account, .heading)] + properties(account).map { "  \(label($0.0))\($0.1)" }
      + ["  Domain controllers:"] + controllers(account) + ["  SPNs:"]
      + (account.servicePrincipalNames.isEmpty ? ["    none"] : account.servicePrincipalNames.map { "    \($0)" })
      + rights(account)
  }

  private func label(_ text: String) -> String { text.padding(toLength: 20, withPad: " ", startingAt: 0) }

  private func properties(_ account: AccountDescriptionDocument) -> [(String, String)] {
    [
      ("class", account.objectClass), ("object", account.distinguishedName),
      ("objectGUID", account.objectGUID.uuidString.lowercased()),
      ("SID", account.securityIdentifier), ("UPN", account.userPrincipalName ?? "none"),
      ("description", account.description ?? "none"), ("created", time.text(account.createdAt)),
      ("owner", account.owner ?? "not known"), ("state", state(account)), ("flags", account.control.joined(separator: ", ")),
      ("last password set", time.textWithDistance(account.passwordLastSet)), ("enctypes", types(account)),
      ("stamp", account.stamp?.words ?? "none"),
    ]
  }

  private func state(_ account: AccountDescriptionDocument) -> String {
    var wrong: [String] = []
    if !account.enabled { wrong.append("disabled") }
    if account.lockedOut { wrong.append("locked out") }
    if account.passwordExpired { wrong.append("password expired") }
    if let end = account.expires { wrong.append("\(end < time.now ? "expired" : "expires") \(time.textWithDistance(end))") }
    let isBad = !account.enabled || account.lockedOut || account.passwordExpired
    return wrong.isEmpty ? style.paint("enabled", .good) : style.paint(wrong.joined(separator: ", "), isBad ? .bad : .warning)
  }

  private func types(_ account: AccountDescriptionDocument) -> String {
    let names = account.encryptionTypes.joined(separator: ", ")
    guard let bits = account.supportedEncryptionTypes else {
      return "not set: the domain's default holds, tickets may come with \(names)"
    }
    return "\(bits): \(names)"
  }

  private func controllers(_ account: AccountDescriptionDocument) -> [String] {
    account.controllers.map { controller in
      let known = controller.version.map { "kvno \($0), password set \(time.text(controller.passwordLastSet))" }
      let told = controller.fault.map { style.paint($0, .bad) } ?? known ?? "does not tell the kvno"
      return "    \(controller.name)\(controller.writer ? " (written to)" : ""): \(told)"
    }
  }

  private func rights(_ account: AccountDescriptionDocument) -> [String] {
    guard let rights = account.rights else { return ["  Rights of the rotator: \(account.rightsFault ?? "not known")"] }
    return ["  Rights of \(rights.trustee):"] + RightsRendering(style: style).lines(rights).map { "    \($0)" }
  }
}

/// Renders a ``RightsDocument`` for people.
struct RightsRendering {
  let style: TextStyle

  /// One line per right, and one per right too many.
  func lines(_ rights: RightsDocument) -> [String] {
    [
      line("Reset Password", rights.resetPassword, isNeeded: true), line("write the stamp", rights.writeStamp, isNeeded: true),
      line("write enctypes", rights.writeEncryptionTypes, isNeeded: false),
    ] + excess(rights.excess)
  }

  /// One line per right too many.
  func excess(_ excess: [RightsDocument.Excess]) -> [String] {
    excess.map { right in
      let origin = right.inherited ? "\(right.through), inherited" : right.through
      return style.paint("more than needed: \(right.right) (through \(origin))", .warning)
    }
  }

  private func line(_ name: String, _ isGranted: Bool, isNeeded: Bool) -> String {
    let answer = isGranted ? style.paint("yes", .good) : style.paint("no", isNeeded ? .bad : nil)
    return name.padding(toLength: 18, withPad: " ", startingAt: 0) + answer
  }
}
