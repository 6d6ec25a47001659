import ControlProtocol
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf
import Synchronization

/// Answers on the control socket: changes.
struct ControlProvider: Asa_Control_V1_ControlService.SimpleServiceProtocol {
  let scheduler: RotationScheduler

  func rotate(
    request: Asa_Control_V1_RotateRequest, response: RPCWriter<Asa_Control_V1_RotateProgress>, context: ServerContext
  ) async throws {
    let account: AccountName
    do throws(OperatorFault) { account = try self.account(named: request.account) } catch {
      return try await response.write(.with { $0.fault = .init(error) })
    }
    for await progress in scheduler.rotate(account, isDryRun: request.dryRun) {
      try await response.write(Asa_Control_V1_RotateProgress(progress, of: account, at: Date()))
    }
  }

  func verify(
    request: Asa_Control_V1_VerifyRequest, response: RPCWriter<Asa_Control_V1_VerifyProgress>, context: ServerContext
  ) async throws {
    let (verdicts, sink) = AsyncStream.makeStream(of: ProofVerdict.self)
    async let outcome: Result<Void, OperatorFault> = verify(request.account, into: sink)
    var accepted: UInt32 = 0
    var refused: UInt32 = 0
    for await verdict in verdicts {
      if verdict.fault == nil { accepted += 1 } else { refused += 1 }
      try await response.write(.with { $0.verdict = .init(verdict) })
    }
    switch await outcome {
    case .success:
      let ended = Asa_Control_V1_VerifyEnded.with {
        $0.accepted = accepted
        $0.refused = refused
        $0.allAccepted = refused == 0 && accepted > 0
      }
      try await response.write(.with { $0.ended = ended })
    case .failure(let fault): try await response.write(.with { $0.fault = .init(fault) })
    }
  }

  func revokeNode(
    request: Asa_Control_V1_RevokeNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RevokeNodeReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      try await scheduler.revoke(try NodeName(request.node))
    }
    return .with {
      $0.revokedAt = .init(date: receipt.revokedAt)
      $0.wasAttached = receipt.wasAttached
    }
  }

  private func verify(
    _ name: String, into sink: AsyncStream<ProofVerdict>.Continuation
  ) async -> Result<Void, OperatorFault> {
    defer { sink.finish() }
    do throws(OperatorFault) {
      try await scheduler.verify(try account(named: name)) { sink.yield($0) }
      return .success(())
    } catch { return .failure(error) }
  }

  private func account(named name: String) throws(OperatorFault) -> AccountName {
    let configured = scheduler.configuredAccounts
    if name.isEmpty {
      guard configured.count == 1, let only = configured.first else {
        let names = configured.map(\.description).joined(separator: ", ")
        throw OperatorFault(
          .usage, "account", "\(configured.count) accounts are configured: \(names)", remedy: "name one with --account")
      }
      return only
    }
    let wanted = try AccountName(name)
    guard configured.contains(wanted) else {
      throw OperatorFault(
        .noInput, "account \(wanted)", "is not configured",
        remedy: "configured: \(configured.map(\.description).joined(separator: ", "))")
    }
    return wanted
  }

  func pause(request: Asa_Control_V1_PauseRequest, context: ServerContext) async throws -> Asa_Control_V1_PauseReply {
    throw RPCError(code: .unimplemented, message: "pause")
  }

  func resume(request: Asa_Control_V1_ResumeRequest, context: ServerContext) async throws -> Asa_Control_V1_ResumeReply {
    throw RPCError(code: .unimplemented, message: "resume")
  }

  func acknowledge(request: Asa_Control_V1_AcknowledgeRequest, context: ServerContext) async throws
    -> Asa_Control_V1_AcknowledgeReply
  {
    throw RPCError(code: .unimplemented, message: "acknowledge")
  }

  func reload(request: Asa_Control_V1_ReloadRequest, context: ServerContext) async throws -> Asa_Control_V1_ReloadReply {
    throw RPCError(code: .unimplemented, message: "reload")
  }
}
