import RotationCore
import SecretMemory

/// The controllers that only replicate, as one run of a daemon reaches them.
struct SimulatedReplicas: ReplicaSource {
  let process: RotatorProcess

  var configured: [String]? { nil }

  func replica(named name: String) throws(OperatorFault) -> ReplicaController {
    guard let index = Names.controllers.firstIndex(of: name), index < process.world.controllers.count else {
      throw OperatorFault(.noInput, name, "is no domain controller of this world")
    }
    let replica = SimulatedReplica(process: process, index: index)
    return ReplicaController(name: name, directory: replica, tickets: replica)
  }
}

/// One of them. Keys are derived, and checksums tried, without asking anybody.
private struct SimulatedReplica: ReplicaReading, TicketChecking {
  let process: RotatorProcess
  let index: Int

  private static let dead = OperatorFault(.system, "process", "has crashed")

  func readReplica(of query: AccountQuery) async throws(OperatorFault) -> ReplicaState {
    let answer = await process.ask(or: Result<DirectoryAccount, OperatorFault>.failure(Self.dead)) {
      process.world.read(from: process.world.controllers[index], reply: $0, on: process.site)
    }
    let account = try answer.get()
    return ReplicaState(server: account.server, account: AccountState(stamp: account.stamp, version: account.version))
  }

  func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    try await process.ask(or: Result<ServiceTicket, OperatorFault>.failure(Self.dead)) {
      process.world.ticket(for: servicePrincipalName, from: process.world.controllers[index], reply: $0)
    }.get()
  }

  func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    ToyKeys.keys(of: ToyKeys.number(of: password), salt: salt, types: encryptionTypes)
  }

  func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String {
    process.world.controllers[index].secret.value.salt
  }

  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool { false }
}
