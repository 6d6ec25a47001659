import RotationCore

/// Renders a ``DelegationDocument`` for people.
struct DelegationRendering {
  let stampAttribute: String?
  let style: TextStyle

  /// What is there and what is to change.
  func plan(_ document: DelegationDocument) -> [String] {
    let verb = document.remove ? "Take back from" : "Grant to"
    let heading = "\(verb) \(document.trustee), on \(document.distinguishedName) alone:"
    let nothing = document.changes.isEmpty ? ["  nothing"] : []
    return [heading] + document.changes.map { "  \(words($0))" } + nothing + unchanged(document) + excess(document)
  }

  /// What was done.
  func lines(_ document: DelegationDocument) -> [String] {
    let verb = document.remove ? "no longer has" : "has"
    let changed = document.changes.map { "\(document.trustee) \(verb) \(words($0)) on \(document.account)." }
    return changed + unchanged(document).map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
  }

  private func unchanged(_ document: DelegationDocument) -> [String] {
    document.unchanged.map { "  \(words($0)): \(document.remove ? "not there to be taken back" : "is there already")" }
  }

  private func excess(_ document: DelegationDocument) -> [String] {
    RightsRendering(style: style).excess(document.excess).map { "  \($0)" }
  }

  private func words(_ right: String) -> String {
    DelegatedRight(rawValue: right)?.words(stampAttribute: stampAttribute) ?? right
  }
}
