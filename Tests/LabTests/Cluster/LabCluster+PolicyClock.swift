import Foundation
import Testing

/// The rotator's clock of policy, which a debug build lets a test move: the life of tickets is hours, and no domain controller gives them
/// minutes only. All other clocks stay as they are.
extension LabCluster {
  /// Which of the two clocks that keys end by.
  enum PolicyClockPart: String {
    /// The wall clock, which somebody may set.
    case wall = "clock-offset"
    /// CLOCK_BOOTTIME, which nobody can.
    case boot = "boot-offset"
  }

  /// Puts the rotator's clock forward, and returns when it has looked at what is due.
  func movePolicyClock(_ parts: PolicyClockPart..., by seconds: Int) async throws {
    for part in parts { try setHook(part.rawValue, of: "rotator", to: "\(seconds)") }
    let turns = trace(of: "rotator").count { $0.name == "turn" }
    // One turn may have been under way with the clock of before.
    try await waitUntil("the rotator has looked at its clock") {
      trace(of: "rotator").count { $0.name == "turn" } >= turns + 3
    }
  }

  /// The kvnos in a node's keytab.
  func versions(in node: String) async throws -> Set<Int> { Set(try await entries(of: node).map(\.version)) }

  /// The kvnos of the keys in a node's slot file: a line that says how long the description behind it is, and the keys.
  func versionsInSlotFile(of node: String) throws -> Set<Int> {
    let contents = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(node)/state/slots/accounts.slots"))
    let header = contents.prefix { $0 != UInt8(ascii: "\n") }
    let fields = String(decoding: header, as: UTF8.self).split(separator: " ")
    let length = try #require(fields.count > 2 ? Int(fields[2]) : nil)
    let description = contents.dropFirst(header.count + 1).prefix(length)
    let accounts = try JSONDecoder().decode(JSONValue.self, from: description)
    return Set((accounts[0]?["slots"]?.array ?? []).compactMap { $0["version"]?.number.map { Int($0) } })
  }
}
