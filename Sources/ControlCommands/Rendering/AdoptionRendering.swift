/// Renders what was adopted for people.
package struct AdoptionRendering {
  private let time: LocalTime

  /// Makes a renderer.
  package init(time: LocalTime) { self.time = time }

  /// What was taken, what was not, and what comes next.
  package func lines(_ adoption: AdoptionDocument) -> [String] {
    let verb = adoption.dryRun ? "Would be adopted" : "Adopted"
    let slots = adoption.slots.map { slot in
      let end = slot.retireAfter.map { ", ends \(time.textWithDistance($0))" } ?? ""
      return "  \(slot.worth) kvno \(slot.version), rotation \(slot.rotation), on \(slot.nodes.joined(separator: ", "))\(end)"
    }
    let refused = adoption.refused.map { "  \($0.node) kvno \($0.version), rotation \($0.rotation): \($0.reason)" }
    return ["\(verb) from \(adoption.node) for \(adoption.account):"] + slots
      + (refused.isEmpty ? [] : ["Refused, and left where it is to run out:"] + refused)
      + adoption.warnings.map { "warning: \($0)" }
      + [
        adoption.dryRun
          ? "Nothing was changed."
          : "Nothing was pushed. asactl verify shows that the nodes accept; asactl rotate makes keys of this rotator's own."
      ]
  }
}
