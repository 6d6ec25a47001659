import RotationCore

extension AgentConfiguration {
  /// The keys of the top level.
  enum Key: String, SectionKey {
    case node, rotator, certificate, privateKey, certificateAuthority, stateDirectory, keytabs, slotLimit, readinessFile,
      agentCheck,
      balancerDelay, consumers, log
  }

  /// Reads the whole file. `nil` only after a fault was reported.
  static func read(_ section: Section<Key>) -> AgentConfiguration? {
    let node = section.required(.node, .node)
    let rotators = RotatorList(section: section).read()
    let certificate = section.required(.certificate, .path)
    let privateKey = section.required(.privateKey, .path)
    let authority = section.required(.certificateAuthority, .path)
    let stateDirectory = section.optional(.stateDirectory, .path) ?? "/var/lib/asa-agent"
    let keytabs = section.requiredSections(.keytabs, of: KeytabConfiguration.Key.self)
      .compactMap { KeytabConfiguration.read($0) }
    let slotLimit = section.optional(.slotLimit, .integer(2...64)) ?? 8
    let readinessFile = section.optional(.readinessFile, .path)
    let agentCheck = section.optional(.agentCheck, .listenAddress)
    let delay = section.optional(.balancerDelay, .duration(.seconds(0), .minutes(10))) ?? .seconds(10)
    let consumers = ConsumerList(section: section, keytabs: keytabs.map(\.value.path)).read()
    let log = LogConfiguration.read(section.section(.log, of: LogConfiguration.Key.self))

    KeytabCheck(keytabs: keytabs, faults: section.faults).run()
    guard let node, let rotators, let certificate, let privateKey, let authority else { return nil }
    return AgentConfiguration(
      node: node, rotators: rotators, certificate: certificate, privateKey: privateKey, certificateAuthority: authority,
      stateDirectory: stateDirectory, keytabs: keytabs.map(\.value), slotLimit: slotLimit, readinessFile: readinessFile,
      agentCheck: agentCheck, balancerDelay: delay, consumers: consumers, log: log)
  }
}

extension KeytabConfiguration {
  /// The keys of an entry of `keytabs`.
  enum Key: String, SectionKey {
    case path, account, servicePrincipalNames, owner, group, mode
  }

  static func read(_ section: Section<Key>) -> Located<KeytabConfiguration>? {
    let path = section.required(.path, .path)
    let account = section.required(.account, .account)
    let names = section.list(.servicePrincipalNames, .servicePrincipalName)?.map(\.value)
    let owner = section.optional(.owner, .name("the name of a user"))
    let group = section.optional(.group, .name("the name of a group"))
    let mode = section.optional(.mode, .keytabMode) ?? 0o640
    guard let path, let account else { return nil }
    let value = KeytabConfiguration(
      path: path, account: account, servicePrincipalNames: names, owner: owner, group: group, mode: mode)
    return Located(value: value, line: section.line(of: .path), text: path)
  }
}

/// Holds the keytabs of a node against each other. One file may serve several accounts, but it has one owner and one mode.
struct KeytabCheck {
  let keytabs: [Located<KeytabConfiguration>]
  let faults: FaultCollector

  func run() {
    for (index, keytab) in keytabs.enumerated() {
      for earlier in keytabs[..<index] where earlier.value.path == keytab.value.path { compare(keytab, with: earlier) }
    }
  }

  private func compare(_ keytab: Located<KeytabConfiguration>, with earlier: Located<KeytabConfiguration>) {
    if keytab.value.account == earlier.value.account {
      faults.report(
        keytab.line, "duplicate keytab '\(keytab.text)' of '\(keytab.value.account)', already in line \(earlier.line)",
        remedy: "remove one of them")
    }
    let (left, right) = (keytab.value, earlier.value)
    guard left.owner != right.owner || left.group != right.group || left.mode != right.mode else { return }
    faults.report(
      keytab.line, "keytab '\(keytab.text)' has another owner, group or mode than in line \(earlier.line)",
      remedy: "give both entries the same")
  }
}

extension ScalarForm where Value == UInt32 {
  fileprivate static let keytabMode = ScalarForm("an octal mode such as \"0640\"") { text in
    guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8) else { return .failure(ScalarFault()) }
    if mode & 0o007 != 0 {
      return .failure(
        ScalarFault(
          problem: "'\(text)' lets everybody on the machine at the account's keys",
          remedy: "give no bits to others, such as 0640"))
    }
    guard mode & ~0o660 == 0, mode & 0o400 != 0 else {
      return .failure(
        ScalarFault(
          problem: "'\(text)' has other bits than reading and writing for owner and group", remedy: "write it as 0640 or 0600"))
    }
    return .success(mode)
  }
}
