import Configuration
import Foundation
import RotationCore

/// Looks at everything that this node's own part depends on: its files, its agent, its keytabs, the domain controllers and DNS.
struct NodeExamination: Sendable {
  /// The configuration.
  let path: String
  /// The account that it is about; `nil`: all.
  let account: AccountName?
  /// The domain controllers to ask; empty: those that DNS names.
  let controllers: [DirectoryConfiguration.Controller]
  /// The person's credential cache.
  let ticketCache: String?
  let now: Date
  let progress: ExaminationProgress

  /// What Kerberos puts up with unless the domain says otherwise (MS-KILE 3.3.1), in seconds.
  private static let clockSkew: TimeInterval = 300
  private static let lookup = SharedNameLookup(limit: .seconds(5))

  /// Looks.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput` if no keytab of the configuration is of the account.
  func checks() async throws(OperatorFault) -> [DoctorCheck] {
    let configuration: AgentConfiguration
    switch AgentConfiguration.check(path: path) {
    case .failure(let faults): return ConfigurationRules(path, faults: faults.all).checks
    case .success(let read): configuration = read
    }
    let keytabs = configuration.keytabs.filter { account == nil || $0.account == account }
    if let account, keytabs.isEmpty {
      throw OperatorFault(.noInput, "account \(account)", "is not in \(path)", remedy: "name one that is under keytabs")
    }
    async let agent = AgentGathering(
      configuration: configuration, path: path, lookup: Self.lookup, progress: progress
    ).evidence()
    let (found, seen, accounts) = await KeytabGathering(
      keytabs: keytabs, path: path, controllers: controllers, ticketCache: ticketCache, progress: progress
    ).evidence()
    let names = Set(found.flatMap { $0.servicePrincipalNames ?? [] })
    let hosts = await Self.lookup.evidence(of: Array(names), progress)
    return await fileChecks(configuration) + AgentRules(await agent).checks + found.flatMap { KeytabRules($0).checks }
      + accounts.flatMap { NodeAccountRules($0, on: configuration.node, now: now).checks }
      + KnownControllerRules(seen, tolerance: Self.clockSkew).checks
      + HostRules(
        hosts, controllers: await addresses(of: seen), families: found.map { $0.servicePrincipalNames ?? [] }
      ).checks
  }

  /// The addresses of the domain controllers, each with its name.
  private func addresses(of seen: [ControllerEvidence]) async -> [String: String] {
    var addresses: [String: String] = [:]
    for name in seen.map(\.name) {
      let named = controllers.first { $0.name == name }?.address
      let found = if let named { [named] } else { await Self.lookup.addresses(of: name) }
      for address in found { addresses[address] = name }
    }
    return addresses
  }

  private func fileChecks(_ configuration: AgentConfiguration) async -> [DoctorCheck] {
    let certificate = await CertificateGathering.certificate(of: configuration, at: path, now: now)
    return [DoctorCheck(path, "is valid", [])]
      + FileRules(
        FileGathering.files(of: configuration, at: path), trusting: FileGathering.trustedUsers
      ).checks
      + CertificateRules(certificate, now: now).checks
  }
}
