import ActiveDirectory
import Configuration
import Foundation
import Kerberos
import RotationCore

/// Asks a realm's domain controllers, all side by side, for everything that rules judge.
struct RealmGathering: Sendable {
  /// The directory, and as whom it is asked.
  let aim: DirectoryAim
  /// The accounts in it.
  let accounts: [AccountEvidence]
  /// The rotator's own principal, without the realm.
  let rotator: String
  /// Its keytab.
  let rotatorKeytab: String
  /// How far clocks may differ, in seconds.
  let clockSkew: TimeInterval
  /// Told what is waited for.
  let progress: ExaminationProgress

  /// Asks.
  func evidence() async -> RealmEvidence {
    var realm = RealmEvidence(
      realm: aim.realm, writer: aim.writer, namesControllers: !aim.controllers.isEmpty, controllers: [], signOn: .unanswered,
      rotator: rotator, rotatorKeytab: rotatorKeytab, stampAttribute: aim.stampAttribute, clockSkew: clockSkew)
    let controllers: [ControllerAccess]
    do throws(OperatorFault) {
      controllers = try await aim.reachable().map { (controller) throws(OperatorFault) in
        ControllerAccess(
          name: controller.name, directory: try aim.directory(at: controller), kerberos: try aim.kerberos(at: controller))
      }
    } catch {
      realm.discoveryFault = error
      return realm
    }
    realm.controllers = await ControllerGroup(controllers, progress).ask { access in
      ControllerEvidence(
        name: access.name, greeting: await result { () async throws(OperatorFault) in try await access.directory.greet() })
    }
    let present = zip(controllers, realm.controllers).filter { (try? $1.greeting.get()) != nil }.map(\.0)
    realm.signOn = await SignOnTrial(signOn: aim.signOn).run(on: present)
    guard realm.signOn == .taken else { return realm }
    return await examine(realm, present)
  }

  private func examine(_ realm: RealmEvidence, _ present: [ControllerAccess]) async -> RealmEvidence {
    var realm = realm
    let examined = await ControllerGroup(present, progress).ask { await examine($0) }
    for evidence in examined {
      guard let index = realm.controllers.firstIndex(where: { $0.name == evidence.name }) else { continue }
      realm.controllers[index].examination = evidence.examination
      realm.controllers[index].tickets = evidence.tickets
    }
    realm.holders = await holders(realm, present)
    return realm
  }

  private func examine(_ access: ControllerAccess) async -> (
    name: String, examination: Result<DirectoryExamination, OperatorFault>,
    tickets: [ServicePrincipalName: Result<TicketEvidence, OperatorFault>]
  ) {
    let query = ExaminationQuery(accounts: accounts.map(\.name), rotator: rotator, stampAttribute: aim.stampAttribute)
    async let examination = result { () async throws(OperatorFault) in try await access.directory.examine(query) }
    return (access.name, await examination, await tickets(of: access))
  }

  /// A KDC that does not answer for one name is not asked for the others.
  private func tickets(of access: ControllerAccess) async -> [ServicePrincipalName: Result<TicketEvidence, OperatorFault>] {
    var tickets: [ServicePrincipalName: Result<TicketEvidence, OperatorFault>] = [:]
    for name in accounts.flatMap(\.servicePrincipalNames) {
      let ticket = await result { () async throws(OperatorFault) in
        TicketEvidence(try await access.kerberos.requestTicket(for: name))
      }
      tickets[name] = ticket
      if case .failure(let fault) = ticket, fault.kind == .unavailable { break }
    }
    return tickets
  }

  /// The writer first: it knows of what was registered last.
  private func holders(_ realm: RealmEvidence, _ present: [ControllerAccess]) async -> [ServicePrincipalNameHolder]? {
    let names = accounts.flatMap { $0.servicePrincipalNames.map(\.description) }
    let first = realm.authority?.name
    for access in present.filter({ $0.name == first }) + present.filter({ $0.name != first }) {
      if let found = try? await access.directory.forestHolders(of: names) { return found }
    }
    return nil
  }
}

extension TicketEvidence {
  /// Takes what a ticket's envelope tells.
  init(_ ticket: ServiceTicket) { self.init(version: ticket.version, encryptionType: ticket.encryptionType) }
}

/// The value of a call, or its fault.
func result<Value>(_ body: () async throws(OperatorFault) -> Value) async -> Result<Value, OperatorFault> {
  do throws(OperatorFault) { return .success(try await body()) } catch { return .failure(error) }
}
