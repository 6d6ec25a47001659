import ActiveDirectory
import AgentProtocol
import Kerberos
import Logging
import PosixStatus
import RotationCore

/// Looks at an account in the directory, signed on as that account with the node's own key.
actor DirectoryLook {
  private struct Ports {
    let directory: ActiveDirectoryClient
    let kerberos: KerberosClient
  }

  private struct Refusal: Hashable {
    let controller: String
    let account: AccountName
    let version: KeyVersion?
  }

  private static let timeout: Duration = .seconds(5)
  private static let refusalPause = 1800.0

  private let keeper: SlotKeeper
  private let logger: Logger
  private var ports: [String: Ports] = [:]
  /// Until when those that have refused a key are not shown it again, in seconds of CLOCK_MONOTONIC: each refusal counts towards a lockout.
  private var refusals: [Refusal: Double] = [:]

  init(keeper: SlotKeeper, logger: Logger) {
    self.keeper = keeper
    self.logger = logger
  }

  /// Asks every domain controller for the stamp first, and for a ticket only where no stamp says that the node is left behind.
  func verdict(on target: WatchTarget) async -> WatchVerdict {
    let controllers = await controllers(of: target)
    var findings: [String: WatchFinding] = [:]
    for (name, finding) in await ask(controllers, { await self.stampFinding(of: $0, target) }) { findings[name] = finding }
    let verdict = WatchVerdict(findings, concludesFromRefusal: target.concludesFromRefusal)
    guard verdict == .serves else { return verdict }
    let serving = controllers.filter { findings[$0.name] == .serves }
    for (name, finding) in await ask(serving, { await self.ticketFinding(of: $0, target) }) { findings[name] = finding }
    return WatchVerdict(findings, concludesFromRefusal: false)
  }

  private func ask(
    _ controllers: [DirectoryWatch.Controller],
    _ question: @escaping @Sendable (DirectoryWatch.Controller) async -> WatchFinding
  ) async -> [(String, WatchFinding)] {
    await withTaskGroup(of: (String, WatchFinding).self) { group in
      for controller in controllers { group.addTask { (controller.name, await question(controller)) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func controllers(of target: WatchTarget) async -> [DirectoryWatch.Controller] {
    guard target.watch.controllers.isEmpty else { return target.watch.controllers }
    let found = try? await DomainControllerLocator.controllers(of: target.realm, site: nil)
    return (found ?? []).map { DirectoryWatch.Controller(name: $0, address: nil) }
  }

  private func stampFinding(of controller: DirectoryWatch.Controller, _ target: WatchTarget) async -> WatchFinding {
    let query = AccountQuery(
      name: target.account, objectGUID: nil, servicePrincipalNames: [], stampAttribute: target.watch.stampAttribute)
    do throws(OperatorFault) {
      guard try await takesKey(controller, target) else { return .keyRefused }
      let state = try await ports(for: controller, target).directory.readReplica(of: query)
      return target.finding(for: state.account.stamp)
    } catch { return unknown(error, controller) }
  }

  private func ticketFinding(of controller: DirectoryWatch.Controller, _ target: WatchTarget) async -> WatchFinding {
    do throws(OperatorFault) {
      let ticket = try await ports(for: controller, target).kerberos.requestTicket(for: target.servicePrincipalName)
      let challenge = try await ticket.handle.makeChallenge()
      let proof = AcceptanceProof(
        id: 0, account: target.account, servicePrincipalName: target.servicePrincipalName, request: challenge.request)
      guard case .failure(let fault) = await keeper.prove(proof).outcome else { return .serves }
      // Somebody else's password, or a controller that was restored: that concerns every node, and the stamp says that no rotation was missed.
      return unknown(fault, controller)
    } catch { return unknown(error, controller) }
  }

  private func takesKey(_ controller: DirectoryWatch.Controller, _ target: WatchTarget) async throws(OperatorFault) -> Bool {
    let refusal = Refusal(controller: controller.name, account: target.account, version: target.latest)
    if let end = refusals[refusal], MonotonicClock.seconds < end { return false }
    let isTaken = try await ports(for: controller, target).kerberos.isOwnKeyTaken()
    refusals = refusals.filter { $0.value > MonotonicClock.seconds }
    refusals[refusal] = isTaken ? nil : MonotonicClock.seconds + Self.refusalPause
    return isTaken
  }

  private func unknown(_ fault: OperatorFault, _ controller: DirectoryWatch.Controller) -> WatchFinding {
    logger.debug("\(controller.name) tells this node nothing: \(fault)")
    return .unknown
  }

  private func ports(for controller: DirectoryWatch.Controller, _ target: WatchTarget) throws(OperatorFault) -> Ports {
    let key = "\(controller.name) \(controller.address ?? "") \(target.account) \(target.keytab)"
    if let known = ports[key] { return known }
    let kerberos = try KerberosClient(
      realm: target.realm, kdc: controller.address ?? controller.name, principal: target.account.samAccountName,
      keytab: target.keytab, timeout: Self.timeout)
    let made = Ports(
      directory: ActiveDirectoryClient(
        realm: target.realm, host: controller.name, address: controller.address, credentials: kerberos,
        timeout: Self.timeout, logger: logger), kerberos: kerberos)
    ports[key] = made
    return made
  }
}
