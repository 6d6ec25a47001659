import Configuration
import Foundation
import Glibc
import RotationCore

/// Looks at everything that the rotator of this host depends on: its files, itself, the domain controllers, DNS and the nodes.
struct RotatorExamination: Sendable {
  /// The configuration.
  let path: String
  /// The account that it is about; `nil`: all.
  let account: AccountName?
  /// Where the rotator's sockets are, if not where the configuration has them.
  let sockets: String?
  /// The domain controllers to ask in place of the configured ones; empty: those.
  let controllers: [DirectoryConfiguration.Controller]
  /// Whether the person's ticket is signed on with also where the rotator's keytab can be read.
  let usesOwnTicket: Bool
  /// The person's credential cache.
  let ticketCache: String?
  let now: Date
  let progress: ExaminationProgress

  /// The longest that one exchange with a domain controller, and one look-up of a name, may take.
  private static let patience = Duration.seconds(5)

  /// Looks.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` if the account is not in the configuration.
  func checks() async throws(OperatorFault) -> [DoctorCheck] {
    let configuration: RotatorConfiguration
    switch RotatorConfiguration.check(path: path) {
    case .failure(let faults): return ConfigurationRules(path, faults: faults.all).checks
    case .success(let read): configuration = read
    }
    let accounts = try accounts(in: configuration)
    async let realms = evidence(of: configuration, accounts)
    async let fleet = FleetGathering(
      connection: ControlConnection(directory: socketDirectory(configuration)), accounts: accounts.map(\.name),
      progress: progress
    ).evidence()
    async let hosts = hosts(of: accounts)
    async let store = StoreGathering().report(
      on: configuration.store.directory, keyFile: StoreOptions.keyFile(of: configuration.store))
    let own = await ownChecks(configuration) + StoreRules(await store).checks
    return own + (await judge(await realms, await fleet, await hosts, accounts, configuration))
  }

  private func judge(
    _ realms: [RealmEvidence], _ fleet: Result<FleetEvidence, OperatorFault>, _ hosts: [HostEvidence],
    _ accounts: [(name: AccountName, realm: Realm, evidence: AccountEvidence)], _ configuration: RotatorConfiguration
  ) async -> [DoctorCheck] {
    let controllers = realms.flatMap { ControllerRules($0, now: now).checks }
    let judged = accounts.flatMap { account in
      realms.first { $0.realm == account.realm }.map { AccountRules(account.evidence, in: $0, now: now).checks } ?? []
    }
    let names = HostRules(
      hosts, controllers: await addresses(of: realms, configuration),
      families: accounts.map(\.evidence.servicePrincipalNames)
    ).checks
    let nodes = (try? fleet.get()).map { NodeRules($0, realms: realms, now: now).checks } ?? []
    return FleetRules(fleet).checks + controllers + judged + names + nodes
  }

  private func ownChecks(_ configuration: RotatorConfiguration) async -> [DoctorCheck] {
    let files = FileGathering.files(of: configuration, at: path, sockets: socketDirectory(configuration))
    let certificate = await CertificateGathering.certificate(of: configuration, at: path, now: now)
    return [DoctorCheck(path, "is valid", [])] + FileRules(files, trusting: FileGathering.trustedUsers).checks
      + CertificateRules(certificate, now: now).checks
  }

  private func socketDirectory(_ configuration: RotatorConfiguration) -> String { sockets ?? configuration.control.directory }

  private func accounts(
    in configuration: RotatorConfiguration
  ) throws(OperatorFault) -> [(name: AccountName, realm: Realm, evidence: AccountEvidence)] {
    let chosen = configuration.accounts.filter { account == nil || $0.name == account }
    if let account, chosen.isEmpty {
      throw OperatorFault(.noInput, "account \(account)", "is not in \(path)", remedy: "see 'asactl status' for those that are")
    }
    return chosen.map { account in
      let nodes = configuration.arrays.filter { account.arrays.contains($0.name) }.flatMap(\.nodes)
      return (
        account.name, account.realm,
        AccountEvidence(name: account.name, servicePrincipalNames: account.servicePrincipalNames, nodes: nodes)
      )
    }
  }
}

// MARK: - The directories, and DNS

extension RotatorExamination {
  private func evidence(
    of configuration: RotatorConfiguration, _ accounts: [(name: AccountName, realm: Realm, evidence: AccountEvidence)]
  ) async -> [RealmEvidence] {
    let directories = configuration.directories.filter { directory in accounts.contains { $0.realm == directory.realm } }
    return await withTaskGroup(of: (Int, RealmEvidence).self) { group in
      for (index, directory) in directories.enumerated() {
        let own = configuration.accounts.filter { $0.realm == directory.realm }
        let gathering = RealmGathering(
          aim: aim(directory, own), accounts: accounts.filter { $0.realm == directory.realm }.map(\.evidence),
          rotator: directory.principal, rotatorKeytab: directory.keytab, clockSkew: Self.skew(of: own), progress: progress)
        group.addTask { (index, await gathering.evidence()) }
      }
      let found = await group.reduce(into: [Int: RealmEvidence]()) { $0[$1.0] = $1.1 }
      return directories.indices.compactMap { found[$0] }
    }
  }

  private func aim(_ directory: DirectoryConfiguration, _ accounts: [AccountConfiguration]) -> DirectoryAim {
    let isReadable = access(directory.keytab, R_OK) == 0
    let signOn: DirectoryAim.SignOn =
      if let ticketCache, usesOwnTicket || !isReadable { .ticketCache(ticketCache) } else {
        .keytab(principal: directory.principal, path: directory.keytab)
      }
    return DirectoryAim(
      realm: directory.realm, controllers: controllers.isEmpty ? directory.controllers : controllers, site: directory.site,
      writer: directory.writer, signOn: signOn, timeout: min(directory.timeout, Self.patience),
      rotatorPrincipal: directory.principal, stampAttribute: directory.stampAttribute, accounts: accounts)
  }

  private static func skew(of accounts: [AccountConfiguration]) -> TimeInterval {
    let shortest = accounts.map(\.policy.clockSkew).min() ?? .seconds(300)
    return shortest / .seconds(1)
  }

  private func hosts(
    of accounts: [(name: AccountName, realm: Realm, evidence: AccountEvidence)]
  ) async -> [HostEvidence] {
    await SharedNameLookup(limit: Self.patience).evidence(of: accounts.flatMap(\.evidence.servicePrincipalNames), progress)
  }

  /// The addresses of the domain controllers, each with its name.
  private func addresses(of realms: [RealmEvidence], _ configuration: RotatorConfiguration) async -> [String: String] {
    let known = configuration.directories.flatMap(\.controllers)
    var addresses: [String: String] = [:]
    for name in realms.flatMap(\.controllers).map(\.name) {
      let named = known.first { $0.name.comparableHostName == name.comparableHostName }?.address
      let found = if let named { [named] } else { await SharedNameLookup(limit: Self.patience).addresses(of: name) }
      for address in found { addresses[address] = name }
    }
    return addresses
  }
}
