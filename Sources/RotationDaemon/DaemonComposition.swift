import ActiveDirectory
import AgentProtocol
import AgentService
import Configuration
import CredentialStore
import Kerberos
import Logging
import RotationCore
import Systemd

/// Puts the parts together that `rotator.yaml` asks for.
struct DaemonComposition {
  let configuration: RotatorConfiguration
  let logger: Logger
  /// Whether what only waiting mends is waited for.
  var isPatient = false

  /// Opens the store; a second daemon on it is refused here, before anything is bound.
  func openStore() throws(OperatorFault) -> SQLiteRotationStore {
    try SQLiteRotationStore(directory: configuration.store.directory, keyFile: configuration.store.keyFile)
  }

  /// Prepares the agents' listener.
  func agentService(store: SQLiteRotationStore) async throws(OperatorFault) -> AgentService {
    let agents = configuration.agents
    let records = try await store.nodes()
    return try AgentService(
      AgentServiceConfiguration(
        host: agents.host, port: agents.port, certificate: agents.certificate, privateKey: agents.privateKey,
        certificateAuthority: agents.certificateAuthority, nodes: bindings(),
        records: Dictionary(records.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })),
      identity: try await store.identity(), logger: logger)
  }

  /// The accounts, each with its own route to its directory's domain controllers.
  func managedAccounts() async throws(OperatorFault) -> [ManagedAccount] {
    var directories: [Realm: Directory] = [:]
    for directory in configuration.directories { directories[directory.realm] = try await connect(directory) }
    return configuration.accounts.compactMap { account in
      directories[account.realm].map { managed(account, in: $0) }
    }
  }

  private struct Directory {
    let configuration: DirectoryConfiguration
    let controllers: ControllerCatalog
    let candidates: WriterCandidates
  }

  private func connect(_ directory: DirectoryConfiguration) async throws(OperatorFault) -> Directory {
    try checkKeytab(of: directory)
    return Directory(
      configuration: directory, controllers: ControllerCatalog(directory, logger: logger),
      candidates: try await candidates(of: directory))
  }

  private func checkKeytab(of directory: DirectoryConfiguration) throws(OperatorFault) {
    let entries = try KeytabFile.read(directory.keytab)
    let isHeld = entries.contains { entry in
      entry.realm == directory.realm && entry.principal.lowercased() == directory.principal.lowercased()
    }
    guard isHeld else {
      throw OperatorFault(
        .noInput, "keytab \(directory.keytab)", "holds no key of \(directory.principal)@\(directory.realm)",
        remedy: "export it for the principal named under directories.principal, from a domain controller of that realm")
    }
  }

  private func candidates(of directory: DirectoryConfiguration) async throws(OperatorFault) -> WriterCandidates {
    let named = directory.controllers.map(\.name)
    if case .named(let writer) = directory.writer { return WriterCandidates([writer]) }
    guard named.isEmpty else { return WriterCandidates(named) }
    // Beside others, a realm that DNS says nothing of now holds up its own accounts and nobody else.
    guard configuration.directories.count > 1 else { return WriterCandidates(try await locate(directory)) }
    return WriterCandidates(findingBy: { () async throws(OperatorFault) in
      try await DomainControllerLocator.controllers(of: directory.realm, site: directory.site)
    })
  }

  /// After a power cut the name servers, often the domain controllers themselves, may come up after us. Where systemd has started us it waits
  /// for a while; a person who has does not.
  private func locate(_ directory: DirectoryConfiguration) async throws(OperatorFault) -> [String] {
    let realm = directory.realm
    var tries = isPatient ? Self.locatingTries : 1
    while true {
      do throws(OperatorFault) {
        return try await DomainControllerLocator.controllers(of: realm, site: directory.site)
      } catch {
        tries -= 1
        guard tries > 0 else { throw error }
        ServiceNotifier().status("Waiting for DNS to name the domain controllers of \(realm): \(error)")
        do { try await Task.sleep(for: Self.locatingPause) } catch { throw RotationScheduler.stopping }
      }
    }
  }

  private static let locatingTries = 20
  private static let locatingPause: Duration = .seconds(5)

  private func managed(_ account: AccountConfiguration, in directory: Directory) -> ManagedAccount {
    let isPinnedToRole = directory.configuration.writer == .pdcEmulator
    let route = DirectoryRoute(directory.controllers, isPinnedToRole: isPinnedToRole, candidates: directory.candidates)
    var managed = ManagedAccount(
      name: account.name, realm: account.realm, servicePrincipalNames: account.servicePrincipalNames,
      encryptionTypes: account.encryptionTypes, arrays: arrays(of: account), policy: account.policy,
      controllerName: directory.candidates.known.first ?? account.realm.dnsName, timeout: directory.configuration.timeout,
      stampAttribute: directory.configuration.stampAttribute, requiresPDCEmulator: isPinnedToRole, directory: route,
      tickets: route, replicas: directory.controllers)
    managed.maxUnavailable = Dictionary(
      configuration.arrays.map { ($0.name, $0.maxUnavailable) }, uniquingKeysWith: { first, _ in first })
    managed.principal = directory.configuration.principal
    return managed
  }

  private func arrays(of account: AccountConfiguration) -> [String: [NodeName]] {
    let members = configuration.arrays.filter { account.arrays.contains($0.name) }.map { ($0.name, $0.nodes) }
    return Dictionary(members, uniquingKeysWith: { first, _ in first })
  }

  /// How a node that hears nothing of the rotator looks at an account: three times in the time that it is given to leave service.
  private func watch(on account: AccountConfiguration) -> DirectoryWatch? {
    guard let directory = configuration.directories.first(where: { $0.realm == account.realm }),
      let attribute = directory.stampAttribute, account.policy.absentGrace > .zero
    else { return nil }
    let controllers = directory.controllers.map { controller in
      DirectoryWatch.Controller(name: controller.name, address: controller.address)
    }
    return DirectoryWatch(
      controllers: controllers, stampAttribute: attribute,
      seconds: max(1, Int(account.policy.absentGrace.components.seconds) / 3))
  }

  /// What each node is bound to.
  func bindings() -> [NodeName: [AccountBinding]] {
    var bindings: [NodeName: [AccountBinding]] = [:]
    for account in configuration.accounts {
      let binding = AccountBinding(
        account: account.name, realm: account.realm, servicePrincipalNames: account.servicePrincipalNames,
        watch: watch(on: account))
      for node in Set(arrays(of: account).values.joined()) { bindings[node, default: []].append(binding) }
    }
    return bindings
  }
}
