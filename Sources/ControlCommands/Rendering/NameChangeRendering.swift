/// Renders a ``NameChangeDocument`` for people.
struct NameChangeRendering {
  /// Whether SPNs are taken off instead of added.
  let isRemoving: Bool
  let style: TextStyle

  /// What is to be done and what to know before.
  func plan(_ document: NameChangeDocument) -> [String] {
    let heading = isRemoving ? "Take off" : "Register on"
    let unchanged = document.unchanged.map { "  \($0)  \(isRemoving ? "is not on it" : "is there already")" }
    return ["\(heading) \(document.account) (\(document.distinguishedName)):"] + document.changes.map { "  \($0)" } + unchanged
      + document.warnings.map { style.paint("warning: \($0)", .warning) }
  }

  /// What was done.
  func lines(_ document: NameChangeDocument) -> [String] {
    let names = document.changes.joined(separator: ", ")
    let done = isRemoving ? "off \(document.account)" : "on \(document.account)"
    let next = isRemoving ? [] : ["'asactl spn check' tells when every domain controller has them; then: asactl verify --full"]
    return ["\(names): \(done), on \(document.domainController)."] + next
  }
}
