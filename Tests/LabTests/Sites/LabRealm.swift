import Foundation
import Testing

/// One realm of the lab, as an administrator of it sees it.
struct LabRealm: Sendable {
  /// Its name, in capitals.
  let name: String
  /// The DNS name of its domain controller.
  let controllerHost: String
  /// The directory of that one's files.
  let directory: String
  /// What stands before a script of the lab that shall run there.
  let prefix: [String]

  /// The controller's database.
  var database: String { "\(directory)/private/sam.ldb" }
  /// The distinguished name of the domain.
  var base: String { name.lowercased().split(separator: ".").map { "DC=\($0)" }.joined(separator: ",") }
}

extension LabFixture {
  /// The realms that there are.
  var realms: [LabRealm] {
    let environment = ProcessInfo.processInfo.environment
    let first = LabRealm(name: realm, controllerHost: controllerHost, directory: "\(state)/dc1", prefix: [])
    guard let name = environment["ASA_LAB_REALM2"], let host = environment["ASA_LAB_REALM2_DC_HOST"] else { return [first] }
    let second = LabRealm(name: name, controllerHost: host, directory: "\(state)/partner", prefix: ["second-realm"])
    return FileManager.default.fileExists(atPath: second.database) ? [first, second] : [first]
  }
}

extension Trait where Self == ConditionTrait {
  /// For suites that need two domain controllers, and another realm beside them.
  static var needsTwoRealms: Self {
    .enabled(
      if: LabFixture.current.map { $0.secondController != nil && $0.realms.count == 2 } ?? false,
      "runs inside a lab with two controllers and two realms only: make replication-test")
  }
}
