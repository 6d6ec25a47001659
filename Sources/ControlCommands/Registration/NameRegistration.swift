import ControlProtocol
import RotationCore

/// Registers SPNs on an account, after everything has been looked at that would make clients stumble.
struct NameRegistration: Sendable {
  let name: AccountName
  let account: AdministeredAccount
  let directory: AdministeredDirectory
  /// The SPNs as typed.
  let names: [String]
  /// What the rotator knows of the account; `nil` if it does not know it.
  let status: Asa_Control_V1_AccountStatus?

  /// What is to be added, what is there already, and what to be told before.
  ///
  /// - Throws: ``OperatorFault``: `.unavailable` if no node holds the account's key, unless that needs an SPN first; ``SeveralFaults`` or ``OperatorFault`` of kind
  ///   `.cannotCreate` for names that other objects hold.
  func plan() async throws -> NameChangeDocument {
    try refuseBeforeDeployment()
    let (wanted, there) = split
    let conflicts = try await conflicts(wanted)
    guard conflicts.isEmpty else { throw SeveralFaults.combining(conflicts) }
    return NameChangeDocument(
      account: name.description, distinguishedName: account.distinguishedName.visible, domainController: directory.writer.name,
      changes: wanted, unchanged: there, warnings: warnings(wanted), dryRun: true)
  }

  private var split: (wanted: [String], there: [String]) {
    let registered = RegisteredNames(spellings: account.servicePrincipalNames)
    var wanted: [String] = []
    for name in names where !RegisteredNames(spellings: registered.spellings + wanted).contains(name) { wanted.append(name) }
    return (wanted, names.filter(registered.contains))
  }

  private func refuseBeforeDeployment() throws(OperatorFault) {
    guard status != nil else {
      throw OperatorFault(
        .unavailable, "account \(name)", "the rotator does not know it, so no node can hold its key",
        remedy: "name it in rotator.yaml and agent.yaml, then 'asactl reload' and 'asactl rotate --account \(name)'")
    }
    guard isDeployed || comesFirst else {
      throw OperatorFault(
        .unavailable, "account \(name)", "no node holds its key yet: clients would get tickets that nobody opens",
        remedy: "'asactl rotate --account \(name)' first; 'asactl status' shows what nodes hold")
    }
  }

  private var isDeployed: Bool { servingNodes.contains { $0.latestKey != nil } }

  private var servingNodes: [Asa_Control_V1_NodeSlots] { (status?.nodes ?? []).filter { !$0.isShutOut } }

  /// A user account gets no ticket while it has no SPN, and without tickets no node can prove a key of it.
  private var comesFirst: Bool {
    let configured = RegisteredNames(spellings: status?.servicePrincipalNames ?? [])
    return account.kind == .user && status?.hasLastSuccess == false && names.allSatisfy(configured.contains)
  }

  private func conflicts(_ wanted: [String]) async throws(OperatorFault) -> [OperatorFault] {
    let holders = try await directory.forest { (port) throws(OperatorFault) in try await port.forestHolders(of: wanted) }
    let others = holders.filter { $0.objectGUID != account.objectGUID }
    return wanted.compactMap { name in
      let owners = others.filter { RegisteredNames(spellings: $0.servicePrincipalNames).contains(name) }
      guard !owners.isEmpty else { return nil }
      let places = owners.map { $0.distinguishedName.visible }.joined(separator: " and ")
      return OperatorFault(
        .cannotCreate, "SPN \(name)",
        "is on \(places) already, and domain controllers issue no tickets for an SPN that two hold",
        remedy: "take it off there first (asactl spn remove, setspn -D)")
    }
  }

  private func warnings(_ wanted: [String]) -> [String] {
    let configured = RegisteredNames(spellings: status?.servicePrincipalNames ?? [])
    var warnings = wanted.filter { !configured.contains($0) }.map {
      "\($0) is not in the configuration: nodes have no keytab entry for it, and refuse clients that ask for it until they do"
    }
    if !isDeployed {
      warnings.append("no node holds the account's key: clients are refused until 'asactl rotate --account \(name)' has ended")
    }
    let versions = Set(servingNodes.compactMap { $0.latestKey?.version })
    if isDeployed, let version = account.version?.number, !versions.contains(version) {
      let held = versions.sorted().map(String.init).joined(separator: ", ")
      warnings.append("\(directory.writer.name) has kvno \(version), and nodes hold \(held): tickets may not open")
    }
    if account.control.contains(.disabled) { warnings.append("the account is disabled") }
    return warnings
  }
}

extension Asa_Control_V1_NodeSlots {
  /// The key that domain controllers issue tickets under, as far as the node holds it.
  var latestKey: Asa_Control_V1_SlotStatus? { slots.first { $0.position == "latest" && !$0.encryptionTypes.isEmpty } }
}
