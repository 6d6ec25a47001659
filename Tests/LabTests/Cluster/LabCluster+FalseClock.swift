import Foundation

/// A wall clock that is wrong on one machine alone, see `Tests/Lab/false-clock`.
extension LabCluster {
  /// The words that start a daemon with a wall clock of its own, right as yet.
  func falseClock(of name: String) throws -> [String] {
    try setClock(of: name, by: 0)
    return ["false-clock", clockFile(of: name)]
  }

  /// Puts a daemon's wall clock forward by so many seconds.
  func setClock(of name: String, by seconds: Int) throws {
    try "\(seconds)\n".write(toFile: clockFile(of: name), atomically: true, encoding: .utf8)
  }

  private func clockFile(of name: String) -> String { "\(directory)/\(name).clock" }
}
