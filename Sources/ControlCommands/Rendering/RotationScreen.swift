/// What the live display of a rotation shows: the plan's head line, the phase, and per node the steps taken.
///
/// A value that events change; ``lines(size:style:)`` renders it whole, so that a terminal can be redrawn from it at any time.
package struct RotationScreen: Sendable {
  private struct Node {
    var steps: Set<String> = []
    var last = ""
    var detail: String?
  }

  /// With fewer rows there is no room for a node.
  static let fewestRows = 7
  private static let columnSteps = ["staged", "promoted", "proven"]
  private var head = "Rotating"
  private var phase = PhaseEntry(phase: "starting", detail: nil)
  private var order: [String] = []
  private var nodes: [String: Node] = [:]

  /// Makes an empty screen.
  package init() {}

  /// Takes an event.
  package mutating func apply(_ event: RotationEvent) {
    switch event.content {
    case .planned(let plan):
      head = "Rotating \(plan.account)  kvno \(plan.currentVersion) -> \(plan.plannedVersion)  on \(plan.domainController)"
      for node in plan.nodes { insert(node) }
    case .phase(let entered): phase = entered
    case .node(let step): apply(step)
    case .ended(let outcome): phase = PhaseEntry(phase: outcome.outcome, detail: nil)
    case .fault: phase = PhaseEntry(phase: "refused", detail: nil)
    }
  }

  /// The lines, none wider than the screen and no more than fit on it: otherwise redrawing would get out of step.
  package func lines(size: ScreenSize, style: TextStyle) -> [String] {
    let title = [style.paint(clip(head, size.columns), .heading), clip("Phase: \(phaseText)", size.columns)]
    let table = tinted(nodeTable().lines(.plain, indent: "  ").map { clip($0, size.columns) }, style)
    // Title, an empty line, the headings, the line that counts the rest, and the line that the cursor is on.
    let room = max(1, size.rows - 6)
    if order.isEmpty { return title }
    let rest = order.count > room ? ["  and \(order.count - room) more"] : []
    return title + [""] + table.prefix(1 + room) + rest
  }

  /// The account and its phase in one line.
  func title(columns: Int, _ style: TextStyle) -> String { style.paint(clip("\(head): \(phaseText)", columns), .heading) }

  private var phaseText: String { phase.detail.map { "\(phase.phase), \($0)" } ?? phase.phase }

  private mutating func insert(_ node: String) {
    guard nodes[node] == nil else { return }
    order.append(node)
    nodes[node] = Node()
  }

  private mutating func apply(_ step: NodeStep) {
    insert(step.node)
    nodes[step.node]?.steps.insert(step.step)
    nodes[step.node]?.last = step.step
    nodes[step.node]?.detail = step.detail
  }

  private func nodeTable() -> TextTable {
    var table = TextTable(headings: ["NODE"] + Self.columnSteps.map { $0.uppercased() } + ["REMARK"])
    for name in order { table.append(row(name, nodes[name] ?? Node())) }
    return table
  }

  private func row(_ name: String, _ node: Node) -> [TextTable.Cell] {
    let marks = Self.columnSteps.map { TextTable.Cell(node.steps.contains($0) ? "yes" : "-") }
    return [.init(name)] + marks + [.init(remark(node))]
  }

  private func remark(_ node: Node) -> String {
    // The columns say what went as it should.
    Self.columnSteps.contains(node.last)
      ? "" : [node.last, node.detail ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  /// Tints whole rows after clipping, so that no escape sequence is cut in two.
  private func tinted(_ table: [String], _ style: TextStyle) -> [String] {
    zip(table, [TextStyle.Tint?.some(.heading)] + order.map(tint)).map { style.paint($0, $1) }
  }

  private func tint(_ name: String) -> TextStyle.Tint? {
    switch nodes[name]?.last {
    case "failed": .bad
    case "restored": .warning
    case "proven": .good
    default: nil
    }
  }

  private func clip(_ line: String, _ columns: Int) -> String {
    line.count < columns ? line : String(line.prefix(max(1, columns - 1)))
  }
}
