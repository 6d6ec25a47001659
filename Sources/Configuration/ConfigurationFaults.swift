package import RotationCore

/// Everything that is wrong with one configuration file, in the order of its lines. Never empty.
package struct ConfigurationFaults: Error, Sendable, Equatable {
  /// The fault to tell where only one can be told.
  package let first: OperatorFault
  /// The others.
  package let rest: [OperatorFault]

  /// All of them.
  package var all: [OperatorFault] { [first] + rest }

  init(_ first: OperatorFault, rest: [OperatorFault] = []) {
    self.first = first
    self.rest = rest
  }
}

/// Gathers faults while a file is read, so that one run of `asactl check-config` names them all.
final class FaultCollector {
  /// The file as the person named it.
  let file: String
  private var found: [(line: Int, fault: OperatorFault)] = []

  init(file: String) { self.file = file }

  /// Notes a fault at a line of the file.
  func report(_ line: Int, _ problem: String, remedy: String = "") {
    found.append((line, OperatorFault(.configuration, "\(file):\(line)", problem, remedy: remedy)))
  }

  /// What was found, ordered by line; `nil` if nothing was.
  var faults: ConfigurationFaults? {
    let ordered = found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
    guard let first = ordered.first else { return nil }
    return ConfigurationFaults(first.element.fault, rest: ordered.dropFirst().map(\.element.fault))
  }
}
