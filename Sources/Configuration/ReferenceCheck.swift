import RotationCore

/// Holds the parts of a rotator's configuration against each other: nothing twice, nothing that is not there.
struct ReferenceCheck {
  let directories: [Located<DirectoryConfiguration>]
  let accounts: [AccountEntry]
  let arrays: [ArrayEntry]
  let faults: FaultCollector

  func run() {
    reportRepeated("realm", directories.map { ($0.value.realm.description, $0.value.realm.description, $0.line) })
    reportRepeated("array", arrays.map { ($0.value.name.lowercased(), $0.value.name, $0.line) })
    reportRepeated(
      "account", accounts.map { ("\($0.value.name)".lowercased(), "\($0.value.name)", $0.line) })
    reportRepeated("SPN", accounts.flatMap(servicePrincipalNames))
    for account in accounts { check(account) }
  }

  /// An SPN may be on one account of a forest only; realms of different forests don't see each other's.
  private func servicePrincipalNames(of account: AccountEntry) -> [(identity: String, text: String, line: Int)] {
    account.servicePrincipalNames.map { name in
      ("\(name.value)@\(account.value.realm)".lowercased(), name.text, name.line)
    }
  }

  private func reportRepeated(_ what: String, _ entries: [(identity: String, text: String, line: Int)]) {
    var lines: [String: Int] = [:]
    for entry in entries {
      guard let line = lines[entry.identity] else {
        lines[entry.identity] = entry.line
        continue
      }
      faults.report(entry.line, "duplicate \(what) '\(entry.text)', already in line \(line)", remedy: "remove one of them")
    }
  }

  private func check(_ account: AccountEntry) {
    checkRealm(of: account)
    for reference in account.arrays {
      guard let array = arrays.first(where: { $0.value.name == reference.value })?.value else {
        reportUnknown("array", reference.value, line: reference.line, known: arrays.map(\.value.name))
        continue
      }
      checkRequirement(of: account, array: array)
    }
  }

  private func checkRealm(of account: AccountEntry) {
    let known = directories.map(\.value.realm)
    guard !known.contains(account.value.realm) else { return }
    reportUnknown("realm", "\(account.value.realm)", line: account.realmLine, known: known.map(\.description))
  }

  private func reportUnknown(_ what: String, _ name: String, line: Int, known: [String]) {
    // Where the whole list is missing or broken, that was reported already.
    guard !known.isEmpty else { return }
    let hint = NearestMatch.of(name, among: known).map { ", did you mean '\($0)'?" } ?? ""
    faults.report(line, "unknown \(what) '\(name)'\(hint)", remedy: "expected one of " + known.joined(separator: ", "))
  }

  /// Fewer than a majority could leave two disjoint sets of nodes each believing that it is enough.
  private func checkRequirement(of account: AccountEntry, array: ArrayConfiguration) {
    guard case .atLeast(let number) = account.value.policy.require else { return }
    let majority = array.nodes.count / 2 + 1
    guard !array.nodes.isEmpty, !(majority...array.nodes.count).contains(number) else { return }
    let nodes = array.nodes.count == 1 ? "1 node" : "\(array.nodes.count) nodes"
    faults.report(
      account.requireLine, "require: \(number) does not fit array '\(array.name)' with \(nodes)",
      remedy: "expected all or a number from \(majority) to \(array.nodes.count)")
  }
}
