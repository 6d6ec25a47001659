import Foundation

/// What happened in a world, one line each; kept only where somebody asks for it.
final class Trace {
  let isOn: Bool
  private(set) var lines: [String] = []

  init(isOn: Bool) { self.isOn = isOn }

  func add(_ time: Double, _ text: String) {
    let milliseconds = Int((time * 1000).rounded())
    let fraction = String(milliseconds % 1000 + 1000).dropFirst()
    lines.append("\(milliseconds / 1000).\(fraction)  \(text)")
  }
}

/// What a run has met with, for the counts at the end.
struct Tally: Sendable {
  var events = 0
  var rotations = 0
  var incarnations = 0
  var faults = [Int](repeating: 0, count: FaultKind.allCases.count)
  /// From phase to phase, as the store has seen them.
  var transitions: [String: Int] = [:]
  /// How attempts ended.
  var endings: [String: Int] = [:]

  mutating func add(_ other: Tally) {
    events += other.events
    rotations += other.rotations
    incarnations += other.incarnations
    for index in faults.indices { faults[index] += other.faults[index] }
    transitions.merge(other.transitions, uniquingKeysWith: +)
    endings.merge(other.endings, uniquingKeysWith: +)
  }
}
