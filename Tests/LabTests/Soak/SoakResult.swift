/// What came of a long run.
struct SoakResult: Sendable {
  /// What the clients met.
  let tally: ServiceTally
  /// What one ticket of each kvno from each controller met at the end, on every node.
  let atTheEnd: ServiceTally
  /// By how much the kvno has moved.
  let rotations: Int
  let faults: [SoakFault: Int]
  let slotsMax: Int
  let tickets: Set<HeldTicket>
  let versions: ClosedRange<Int>
  let nodes: Int
  /// What kept the run from going on.
  var trouble: [String] = []

  var refused: [ServiceTally.Refusal] { tally.refused + atTheEnd.refused }

  /// One line of JSON.
  var line: String {
    let kinds = faults.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\"\($0.key)\": \($0.value)" }
    return "{\"authentications\": \(tally.authentications + atTheEnd.authentications), \"refused\": \(refused.count), "
      + "\"unreachable\": \(tally.unreachable), \"rotations\": \(rotations), \"faults\": {\(kinds.joined(separator: ", "))}, "
      + "\"slotsMax\": \(slotsMax)}"
  }

  /// Everything that is not as it must be after a run like that.
  func shortcomings(_ settings: SoakSettings) -> [String] {
    var found = trouble + refused.prefix(100).map(\.description)
    if refused.count > 100 { found.append("\(refused.count - 100) more refused") }
    if tally.authentications < settings.leastAuthentications {
      found.append("\(tally.authentications) authentications, fewer than \(settings.leastAuthentications)")
    }
    if rotations < settings.leastRotations { found.append("\(rotations) rotations, fewer than \(settings.leastRotations)") }
    if faults.count < settings.leastKinds { found.append("\(faults.count) kinds of faults, fewer than \(settings.leastKinds)") }
    return found + missingAtTheEnd
  }

  private var missingAtTheEnd: [String] {
    let missing = Set(versions).subtracting(tickets.map(\.version)).sorted()
    let expected = tickets.count * nodes
    var found = missing.isEmpty ? [] : ["no client got a ticket under kvno \(missing)"]
    if atTheEnd.authentications != expected {
      found.append("\(atTheEnd.authentications) of \(expected) tickets were accepted at the end")
    }
    return found
  }
}
