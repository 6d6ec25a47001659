package import Foundation
package import RotationCore

/// How a server's clock differs from ours. It tells the time to anybody who asks, so this can be known where Kerberos refuses everything.
package struct ClockDifference {
  private let host: String
  /// The server's clock less ours, in seconds (RootDSE currentTime, one second's resolution).
  private let offset: TimeInterval

  /// What Kerberos puts up with unless the domain says otherwise (MS-KILE 3.3.1).
  private static let tolerance: TimeInterval = 300

  /// Takes a difference that was measured.
  package init(host: String, offset: TimeInterval) {
    self.host = host
    self.offset = offset
  }

  /// Asks for the time; `nil` if there is no answer.
  init?(with connection: LDAPConnection) {
    let asked = Date()
    guard let answer = try? connection.read("", ["currentTime"]),
      let time = answer.text("currentTime").flatMap(DirectoryTime.generalized)
    else { return nil }
    self.init(host: connection.host, offset: time.timeIntervalSince(asked))
  }

  /// The fault to tell of; `nil` while Kerberos puts up with the difference.
  package var fault: OperatorFault? {
    guard abs(offset) > Self.tolerance else { return nil }
    return OperatorFault(
      .temporary, "domain controller \(host)",
      "its clock is \(Int(abs(offset))) s \(offset < 0 ? "behind" : "ahead") of ours, and so it does not take our tickets",
      remedy: "set this machine's clock by the domain's time source")
  }
}
