import Foundation

/// What became of clients' authentications.
struct ServiceTally: Decodable, Sendable {
  /// One that a node has refused.
  struct Refusal: Decodable, Sendable, CustomStringConvertible {
    let time: String
    let node: String
    let kvno: Int
    let controller: String
    let reason: String

    var description: String { "\(time) \(node) refused a ticket under kvno \(kvno) from \(controller): \(reason)" }
  }

  var authentications = 0
  /// Those that no node answered.
  var unreachable = 0
  var refused: [Refusal] = []

  init() {}

  init(file: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
  }

  mutating func add(_ other: Self) {
    authentications += other.authentications
    unreachable += other.unreachable
    refused += other.refused
  }
}
