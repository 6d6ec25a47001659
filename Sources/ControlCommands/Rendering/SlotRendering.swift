import Foundation

/// Renders slots as administrators know them from Windows: `Latest: <time>, DOMAIN\acct$`, `Previous: <Not set>`.
struct SlotRendering {
  let time: LocalTime
  let style: TextStyle
  /// Whether the rotation that made each slot is named.
  var isDetailed = false

  /// One line for each slot, and one for each of Latest and Previous in any case.
  func lines(_ slots: [SlotDocument], account: String) -> [String] {
    ["next", "latest", "previous", "retiring"].flatMap { position in
      let held = slots.filter { $0.position == position }.map { line($0, account: account) }
      let isAlwaysShown = position == "latest" || position == "previous"
      return held.isEmpty && isAlwaysShown ? ["\(position.capitalized): <Not set>"] : held
    }
  }

  private func line(_ slot: SlotDocument, account: String) -> String {
    let set = slot.setAt.map(time.text) ?? "<unknown time>"
    return "\(slot.position.capitalized): \(set), \(account)\(retirement(slot))  kvno \(slot.version)\(keys(slot))"
  }

  private func retirement(_ slot: SlotDocument) -> String {
    guard let end = slot.retireAfter else { return slot.retired ? ", retired" : "" }
    return slot.retired ? ", retired \(time.text(end))" : ", kept until \(time.text(end))"
  }

  private func keys(_ slot: SlotDocument) -> String {
    let types = slot.encryptionTypes.map { " \($0)" }.joined()
    let isUnproven = slot.position == "latest" && !slot.proven
    let rotation = isDetailed ? slot.rotation.map { "  rotation \($0)" } ?? "" : ""
    return (types.isEmpty ? "" : " \(types)") + rotation + (isUnproven ? "  \(style.paint("unproven", .warning))" : "")
  }
}
