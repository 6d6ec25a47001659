import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

extension ControlProvider {
  func copyCredential(
    request: Asa_Control_V1_CopyCredentialRequest, response: RPCWriter<Asa_Control_V1_CopyProgress>, context: ServerContext
  ) async throws {
    let stream: AsyncStream<CopyProgress>
    do throws(OperatorFault) {
      stream = scheduler.copyCredentials(
        of: try await accountIfNamed(request.account), from: request.from.isEmpty ? nil : try NodeName(request.from),
        to: try RotationScope(request.to), isDryRun: request.dryRun)
    } catch {
      return try await response.write(.with { $0.fault = .init(error) })
    }
    var (confirmed, failed): (UInt32, UInt32) = (0, 0)
    for await progress in stream {
      try await response.write(Asa_Control_V1_CopyProgress(progress))
      switch progress {
      case .confirmed: confirmed += 1
      case .failed: failed += 1
      case .begun: break
      case .refused: return
      }
    }
    let ended = Asa_Control_V1_CopyEnded.with {
      $0.confirmed = confirmed
      $0.failed = failed
    }
    try await response.write(.with { $0.ended = ended })
  }

  func removeCredential(
    request: Asa_Control_V1_RemoveCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RemoveCredentialReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      guard request.all == request.nodes.isEmpty else {
        throw OperatorFault(.usage, "credential remove", "is not of some nodes or of all", remedy: "name nodes, or give --all")
      }
      return try await scheduler.remove(
        RemovalRequest(
          account: try await accountIfNamed(request.account), nodes: request.nodes.map(NamePattern.init),
          isAll: request.all, isDryRun: request.dryRun))
    }
    return .init(receipt)
  }

  func pruneCredential(
    request: Asa_Control_V1_PruneCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_PruneCredentialReply {
    let receipts = try await answering { () async throws(OperatorFault) in
      try await scheduler.prune(
        PruneRequest(account: try await accountIfNamed(request.account), isDryRun: request.dryRun))
    }
    return .with { $0.accounts = receipts.map(Asa_Control_V1_PrunedAccount.init) }
  }

  private func accountIfNamed(_ name: String) async throws(OperatorFault) -> AccountName? {
    name.isEmpty ? nil : try await account(named: name)
  }
}
