import Configuration
import RotationCore

/// What two configurations differ in, for a person.
enum ConfigurationDifference {
  /// Throws if the daemon would have to start anew for the change.
  static func checkReloadable(from old: RotatorConfiguration, to new: RotatorConfiguration) throws(OperatorFault) {
    let fixed: [(String, Bool)] = [
      ("store", old.store == new.store), ("control", old.control == new.control), ("log", old.log == new.log),
      ("metrics", old.metrics == new.metrics),
      ("agents.listen", old.agents.host == new.agents.host && old.agents.port == new.agents.port),
    ]
    let changed = fixed.filter { !$0.1 }.map(\.0)
    guard changed.isEmpty else {
      throw OperatorFault(
        .configuration, changed.joined(separator: ", "), "cannot change while asa-rotatord runs",
        remedy: "'systemctl restart asa-rotatord' puts the whole file into force")
    }
  }

  /// One sentence for each thing that changed.
  static func sentences(from old: RotatorConfiguration, to new: RotatorConfiguration) -> [String] {
    named("directory", old.directories, new.directories) { $0.realm.description }
      + named("account", old.accounts, new.accounts) { $0.name.description }
      + named("array", old.arrays, new.arrays) { $0.name }
      + (old.agents == new.agents ? [] : ["the agents' certificate files changed"])
  }

  private static func named<Part: Equatable>(
    _ what: String, _ old: [Part], _ new: [Part], name: (Part) -> String
  ) -> [String] {
    let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    let after = Dictionary(new.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    return Set(before.keys).union(after.keys).sorted().compactMap { key in
      switch (before[key], after[key]) {
      case (nil, _?): "\(what) \(key) was added"
      case (_?, nil): "\(what) \(key) was removed"
      case (let one?, let other?) where one != other: "\(what) \(key) changed"
      default: nil
      }
    }
  }
}
