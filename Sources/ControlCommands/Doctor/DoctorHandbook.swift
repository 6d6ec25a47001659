/// The page that explains every finding, made of the table that the findings themselves are made of.
package enum DoctorHandbook {
  /// The page, in Markdown.
  package static var page: String {
    let areas = FindingKind.allCases.reduce(into: [(name: String, kinds: [FindingKind])]()) { areas, kind in
      if areas.last?.name == kind.area { areas[areas.count - 1].kinds.append(kind) } else { areas.append((kind.area, [kind])) }
    }
    return introduction + areas.map { "\n## \($0.name)\n\n" + table($0.kinds) }.joined()
  }

  private static func table(_ kinds: [FindingKind]) -> String {
    "| id | severity | what it means | what to do |\n|---|---|---|---|\n"
      + kinds.map(row).joined()
  }

  private static func row(_ kind: FindingKind) -> String {
    let entry = kind.entry
    let advice = entry.advice.replacing("{REMEDY}", with: "do what the finding says")
    return "| `\(kind.rawValue)` | \(entry.severity.rawValue) | \(entry.meaning) | \(advice) |\n"
  }

  private static let introduction = """
    # What `asactl doctor` finds

    This page is made of the table in `Sources/ControlCommands/Doctor/FindingKind.swift`; a test compares the two.

    Every finding has one of these ids, which stay as they are from one version to the next. Words in braces stand for what the finding is about. With
    a warning clients are served, for now or most of them; something critical refuses clients, keeps rotations from happening, or gives keys away.

    Not looked at: whether domain controllers demand channel binding (LdapEnforceChannelBinding), which is about LDAP over TLS. The rotator uses port 389 with
    Kerberos encryption of at least 128 bits, which every setting of LDAP signing permits; less is `controller.sign-on`. Whether passwords are taken without
    encryption is tried with a name that does not exist and no password at all; a Windows domain controller that takes that for an anonymous bind says neither yes
    nor no, and nothing is said of it.

    """
}
