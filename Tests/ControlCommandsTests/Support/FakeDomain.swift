import Foundation
import RotationCore
import Synchronization

/// The domain LAB with its domain controllers, in memory. What is written is in ``writes``, in order.
final class FakeDomain: Sendable {
  /// What tests arrange.
  struct State: Sendable {
    var accounts: [AdministeredAccount] = []
    /// Objects of other domains of the forest, or of this one that are no accounts of ours.
    var foreign: [ServicePrincipalNameHolder] = []
    /// The object classes of what is there besides accounts.
    var containers = [
      "CN=Computers,DC=lab,DC=example": ["top", "container"], "CN=Users,DC=lab,DC=example": ["top", "container"],
      "OU=Service Accounts,DC=lab,DC=example": ["top", "organizationalUnit"],
      "CN=Somebody,CN=Users,DC=lab,DC=example": ["top", "person", "user"],
    ]
    /// The domain controllers, the PDC emulator first.
    var controllers = [ListedController(dnsHostName: "dc1.lab.example"), ListedController(dnsHostName: "dc2.lab.example")]
    /// Those that do not answer.
    var silent: Set<String> = []
    /// How often one of them still has to be asked for an account before it has it, or one of its SPNs.
    var lag: [String: Int] = [:]
    /// SPNs that one of them does not have yet.
    var lacking: [String: Set<String>] = [:]
    /// Those that are no global catalog.
    var withoutCatalog: Set<String> = []
    var ownRights: Set<DelegatedRight> = []
    /// Rights that an entry refuses whatever is granted.
    var refusedRights: Set<DelegatedRight> = []
    /// Rights through a group.
    var groupRights: Set<DelegatedRight> = []
    var excess: [ExcessRight] = []
    /// Whether the rotator's own account exists.
    var hasRotator = true
    /// How every write ends that is not applied.
    var writeFault: OperatorFault?
    var writes: [String] = []
  }

  let state: Mutex<State>

  init(_ arrange: (inout State) -> Void = { _ in }) {
    var state = State()
    arrange(&state)
    self.state = Mutex(state)
  }

  var writes: [String] { state.withLock(\.writes) }
  var accounts: [AdministeredAccount] { state.withLock(\.accounts) }

  func controller(_ name: String) -> FakeController { FakeController(domain: self, name: name) }

  static let identifier = UUID(uuidString: "6B29FC40-CA47-1067-B31D-00DD010662DA") ?? UUID()

  /// The shared account as it is in most tests.
  static func account(
    names: [String] = ["http/mail.lab.example", "http/autodiscover.lab.example"],
    _ change: (inout AdministeredAccount) -> Void = { _ in }
  ) -> AdministeredAccount {
    var account = AdministeredAccount(
      objectGUID: identifier, distinguishedName: "CN=EXCH2016ASA,CN=Computers,DC=lab,DC=example",
      samAccountName: "EXCH2016ASA$", securityIdentifier: "S-1-5-21-1-2-3-1107", kind: .computer, objectClass: "computer",
      control: .workstationTrust, version: KeyVersion(5), passwordLastSet: Sample.now.addingTimeInterval(-86_400),
      supportedEncryptionTypes: 24, servicePrincipalNames: names, createdAt: Sample.now.addingTimeInterval(-400 * 86_400),
      owner: "LAB\\Domain Admins")
    change(&account)
    return account
  }

  /// Another object with SPNs.
  static func holder(_ name: String, spns: [String], isEnabled: Bool? = true, passwordAge days: Double = 10)
    -> ServicePrincipalNameHolder
  {
    ServicePrincipalNameHolder(
      objectGUID: UUID(), distinguishedName: "CN=\(name),CN=Computers,DC=lab,DC=example", samAccountName: "\(name)$",
      servicePrincipalNames: spns, isEnabled: isEnabled, passwordLastSet: Sample.now.addingTimeInterval(-days * 86_400))
  }
}

/// One domain controller of a ``FakeDomain``.
struct FakeController: DirectoryAdministering {
  let domain: FakeDomain
  let name: String

  func describeDomain() async throws(OperatorFault) -> AdministeredDomain {
    let state = try answering()
    return AdministeredDomain(
      netBIOSName: "LAB", distinguishedName: "DC=lab,DC=example", server: name,
      isReadOnly: state.controllers.contains { $0.dnsHostName == name && $0.isReadOnly },
      pdcEmulator: state.controllers.first?.dnsHostName, controllers: state.controllers)
  }

  func account(
    _ reference: AccountReference, stampAttribute: String?
  ) async throws(OperatorFault) -> AdministeredAccount? {
    let state = try answering()
    if let left = state.lag[name], left > 0 {
      domain.state.withLock { $0.lag[name] = left - 1 }
      return nil
    }
    var found = state.accounts.first { account in
      switch reference {
      case .identified(let identifier): account.objectGUID == identifier
      case .named(let name): account.samAccountName.lowercased() == name.lowercased()
      }
    }
    found?.servicePrincipalNames.removeAll { state.lacking[name]?.contains($0) == true }
    return found
  }

  func accounts(stampedIn attribute: String) async throws(OperatorFault) -> BoundedFindings<AdministeredAccount> {
    BoundedFindings(found: try answering().accounts.filter { $0.stamp?.hasPrefix("asa1;") == true }, isComplete: true)
  }

  func forestHolders(of names: [String]) async throws(OperatorFault) -> [ServicePrincipalNameHolder] {
    let wanted = Set(names.map { $0.lowercased() })
    return try catalog().filter { holder in holder.servicePrincipalNames.contains { wanted.contains($0.lowercased()) } }
  }

  func forestHolders(
    matching pattern: String, limit: Int
  ) async throws(OperatorFault) -> BoundedFindings<ServicePrincipalNameHolder> {
    let fits = NamePattern(pattern).matches
    let found = try catalog().filter { $0.servicePrincipalNames.contains(where: fits) }
    return BoundedFindings(found: Array(found.prefix(limit)), isComplete: found.count <= limit)
  }

  func namesakes(of samAccountName: String) async throws(OperatorFault) -> [String] {
    try catalog().filter { $0.samAccountName?.lowercased() == samAccountName.lowercased() }.map(\.distinguishedName)
  }

  func standardContainer(for kind: DirectoryAccount.Kind) async throws(OperatorFault) -> String {
    "CN=\(kind == .computer ? "Computers" : "Users"),DC=lab,DC=example"
  }

  func objectClasses(of distinguishedName: String) async throws(OperatorFault) -> [String] {
    try answering().containers[distinguishedName] ?? []
  }

  func identifier(ofStampAttribute attribute: String) async throws(OperatorFault) -> UUID {
    UUID(uuidString: "BF967919-0DE6-11D0-A285-00AA003049E2") ?? UUID()
  }

  func rights(
    of principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    let state = try answering()
    guard state.hasRotator else { throw OperatorFault(.noInput, "principal '\(principal)'", "is not there") }
    let name = principal.split(separator: "\\").last.map(String.init) ?? principal
    return TrusteeRights(
      trustee: DirectoryTrustee(
        name: "LAB\\\(name)", distinguishedName: "CN=\(name),CN=Users,DC=lab,DC=example",
        securityIdentifier: "S-1-5-21-1-2-3-1105"),
      own: state.ownRights, effective: state.ownRights.union(state.groupRights).subtracting(state.refusedRights),
      excess: state.excess)
  }

  func create(_ account: NewAccount) async throws(OperatorFault) -> UUID {
    try write("create \(account.distinguishedName)")
    let kind = account.kind
    domain.state.withLock {
      $0.accounts.append(
        FakeDomain.account(names: []) {
          ($0.distinguishedName, $0.samAccountName, $0.kind) = (account.distinguishedName, account.samAccountName, kind)
          ($0.control, $0.supportedEncryptionTypes) = (account.control, account.supportedEncryptionTypes)
          $0.description = account.description
        })
    }
    return FakeDomain.identifier
  }

  func addServicePrincipalNames(_ names: [String], to object: UUID) async throws(OperatorFault) {
    try write("add \(names.joined(separator: " "))")
    change(object) { $0.servicePrincipalNames += names }
  }

  func removeServicePrincipalNames(_ names: [String], from object: UUID) async throws(OperatorFault) {
    try write("remove \(names.joined(separator: " "))")
    change(object) { account in account.servicePrincipalNames.removeAll(where: names.contains) }
  }

  func disable(_ object: UUID) async throws(OperatorFault) {
    try write("disable")
    change(object) { $0.control.insert(.disabled) }
  }

  func delete(_ object: UUID) async throws(OperatorFault) {
    try write("delete")
    domain.state.withLock { $0.accounts.removeAll { $0.objectGUID == object } }
  }

  func grant(
    _ rights: Set<DelegatedRight>, to principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    try write("grant \(rights.map(\.rawValue).sorted().joined(separator: " ")) to \(principal)")
    domain.state.withLock { $0.ownRights.formUnion(rights) }
    return try await self.rights(of: principal, on: object, stampAttribute: stampAttribute)
  }

  func revoke(
    _ rights: Set<DelegatedRight>, from principal: String, on object: UUID, stampAttribute: String?
  ) async throws(OperatorFault) -> TrusteeRights {
    try write("revoke \(rights.map(\.rawValue).sorted().joined(separator: " ")) from \(principal)")
    domain.state.withLock { $0.ownRights.subtract(rights) }
    return try await self.rights(of: principal, on: object, stampAttribute: stampAttribute)
  }
}

extension FakeController {
  private func answering() throws(OperatorFault) -> FakeDomain.State {
    let state = domain.state.withLock { $0 }
    guard !state.silent.contains(name) else {
      throw OperatorFault(.unavailable, "domain controller \(name)", "does not answer")
    }
    return state
  }

  /// Every object of the forest that has SPNs.
  private func catalog() throws(OperatorFault) -> [ServicePrincipalNameHolder] {
    let state = try answering()
    guard !state.withoutCatalog.contains(name) else {
      throw OperatorFault(.unavailable, "domain controller \(name)", "is no global catalog")
    }
    let accounts = state.accounts.map { account in
      ServicePrincipalNameHolder(
        objectGUID: account.objectGUID, distinguishedName: account.distinguishedName, samAccountName: account.samAccountName,
        servicePrincipalNames: account.servicePrincipalNames, isEnabled: !account.control.contains(.disabled),
        passwordLastSet: account.passwordLastSet)
    }
    return accounts + state.foreign
  }

  private func write(_ what: String) throws(OperatorFault) {
    let fault = domain.state.withLock { state in
      state.writes.append("\(name): \(what)")
      return state.writeFault
    }
    if let fault { throw fault }
  }

  private func change(_ object: UUID, _ change: (inout AdministeredAccount) -> Void) {
    domain.state.withLock { state in
      for index in state.accounts.indices where state.accounts[index].objectGUID == object { change(&state.accounts[index]) }
    }
  }
}

/// A rotator's configuration for the domain LAB.
enum DirectorySample {
  /// The options that name it without a configuration.
  static let options = ["--realm", "LAB.EXAMPLE", "--dc", "dc1.lab.example", "--dc", "dc2.lab.example"]

  /// The text of a configuration.
  static func configuration(
    names: [String] = ["http/mail.lab.example", "http/autodiscover.lab.example"], writer: String = "pdc-emulator"
  ) -> String {
    """
    directories:
      - realm: LAB.EXAMPLE
        controllers: [dc1.lab.example, dc2.lab.example]
        writer: \(writer)
        principal: svc-asa-rotator
        keytab: /nowhere/rotator.keytab
    agents: { listen: "127.0.0.1:7749", certificate: /nowhere/c.pem, privateKey: /nowhere/k.pem, certificateAuthority: /nowhere/ca.pem }
    accounts:
      - name: 'LAB\\EXCH2016ASA$'
        realm: LAB.EXAMPLE
        servicePrincipalNames: [\(names.joined(separator: ", "))]
        arrays: [mail]
        policy: { every: 30d }
    arrays: [{ name: mail, nodes: [cas-1.lab.example] }]
    store: { directory: /nowhere/store, keyFile: /nowhere/store.key }
    """
  }
}

/// Runs commands that administer the domain LAB.
struct DirectoryRuns {
  let domain: FakeDomain
  private let directory: TemporaryDirectory
  private let config: String

  init(_ domain: FakeDomain, configuration: String = DirectorySample.configuration()) throws {
    self.domain = domain
    directory = try TemporaryDirectory()
    config = try directory.write("rotator.yaml", configuration)
  }

  /// Runs one with the configuration; `answers` makes it one of a person at a terminal.
  func run(_ arguments: String..., answers: [String]? = nil) async -> CommandRun { await run(arguments, answers: answers) }

  func run(_ arguments: [String], answers: [String]? = nil) async -> CommandRun {
    await CommandRun.run(
      arguments + ["--config", config], recorder: RecordedTerminal(answers: answers ?? []), isInteractive: answers != nil,
      domain: domain)
  }
}

extension CommandRun {
  /// The JSON object that was printed.
  var document: [String: Any] {
    get throws { try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:] }
  }
}
