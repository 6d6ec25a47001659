/// Renders a copy for people: a line for each node as it answers, and the sum.
package struct CopyRendering {
  private let time: LocalTime
  private let style: TextStyle

  /// Makes a renderer.
  package init(time: LocalTime, style: TextStyle) {
    self.time = time
    self.style = style
  }

  /// The line of a node.
  package func line(_ node: CopyDocument.Node) -> String {
    let place = "\(node.node), \(node.account)"
    if let fault = node.fault { return style.paint("\(place): \(fault.operatorFault)", .bad) }
    guard node.confirmed else { return "\(place): would be told" }
    let held = node.slots.filter { !$0.retired }.map { "kvno \($0.version) (\($0.position))" }.joined(separator: ", ")
    return "\(place): \(style.paint("holds", .good)) \(held)"
  }

  /// The last lines.
  package func summary(_ document: CopyDocument) -> [String] {
    if document.dryRun { return ["Nothing was changed."] }
    let total = document.confirmed + document.failed
    return [
      style.paint("\(document.confirmed) of \(total) confirmed", document.failed == 0 ? .good : .bad)
        + (document.failed == 0 ? "; asactl verify shows that they accept." : ".")
    ]
  }
}
