import ControlProtocol
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf
import Synchronization

/// Answers on the control socket: changes.
struct ControlProvider: Asa_Control_V1_ControlService.SimpleServiceProtocol {
  let scheduler: RotationScheduler
  let reloader: ConfigurationReloader

  func rotate(
    request: Asa_Control_V1_RotateRequest, response: RPCWriter<Asa_Control_V1_RotateProgress>, context: ServerContext
  ) async throws {
    let account: AccountName
    let compromise: Compromise?
    let scope: RotationScope?
    do throws(OperatorFault) {
      account = try await self.account(named: request.account)
      compromise = request.hasCompromise ? try Compromise(request.compromise) : nil
      scope = request.hasScope ? try RotationScope(request.scope) : nil
    } catch {
      return try await response.write(.with { $0.fault = .init(error) })
    }
    let stream = scheduler.rotate(
      account, isDryRun: request.dryRun, isTakeover: request.takeOver, compromise: compromise, scope: scope)
    var report: RotationReport?
    for await progress in stream {
      if case .report(let found) = progress {
        report = found
        continue
      }
      var message = Asa_Control_V1_RotateProgress(progress, of: account, at: Date())
      if let report, case .ended = message.event { message.ended.report = .init(report) }
      try await response.write(message)
    }
  }

  func verify(
    request: Asa_Control_V1_VerifyRequest, response: RPCWriter<Asa_Control_V1_VerifyProgress>, context: ServerContext
  ) async throws {
    let (verdicts, sink) = AsyncStream.makeStream(of: ProofVerdict.self)
    async let outcome: Result<Void, OperatorFault> = verify(request, into: sink)
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

  func excludeNode(
    request: Asa_Control_V1_ExcludeNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ExcludeNodeReply {
    let exclusion = request.hasUntil ? NodeExclusion(until: request.until.date, reason: request.reason) : nil
    try await answering { () async throws(OperatorFault) in
      try await scheduler.exclude(try NodeName(request.node), exclusion)
    }
    return .init()
  }

  func decommissionNode(
    request: Asa_Control_V1_DecommissionNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RevokeNodeReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      try await scheduler.decommission(try NodeName(request.node))
    }
    return .init(receipt)
  }

  func revokeNode(
    request: Asa_Control_V1_RevokeNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RevokeNodeReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      try await scheduler.revoke(try NodeName(request.node))
    }
    return .init(receipt)
  }

  private func verify(
    _ request: Asa_Control_V1_VerifyRequest, into sink: AsyncStream<ProofVerdict>.Continuation
  ) async -> Result<Void, OperatorFault> {
    defer { sink.finish() }
    do throws(OperatorFault) {
      let account = try await account(named: request.account)
      try await scheduler.verify(account, isFull: request.full) { sink.yield($0) }
      return .success(())
    } catch { return .failure(error) }
  }

  func account(named name: String) async throws(OperatorFault) -> AccountName {
    let configured = await scheduler.configuredAccounts
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
    let paused = try await answering { () async throws(OperatorFault) in
      let until = request.hasUntil ? request.until.date : nil
      let pause = SchedulePause(reason: request.reason, since: Date(), until: until)
      return try await scheduler.pause(try await accounts(named: request.account), pause)
    }
    return .with { $0.accounts = paused.map(\.description) }
  }

  func resume(request: Asa_Control_V1_ResumeRequest, context: ServerContext) async throws -> Asa_Control_V1_ResumeReply {
    let resumed = try await answering { () async throws(OperatorFault) in
      try await scheduler.pause(try await accounts(named: request.account), nil)
    }
    return .with { $0.accounts = resumed.map(\.description) }
  }

  func acknowledge(
    request: Asa_Control_V1_AcknowledgeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_AcknowledgeReply {
    let alarms = try await answering { () async throws(OperatorFault) in
      let account = request.account.isEmpty ? nil : try await account(named: request.account)
      return try await scheduler.acknowledge(
        AcknowledgeRequest(account: account, outcomes: try outcomes(named: request.outcomes), comment: request.comment))
    }
    return .with { $0.alarms = alarms.map(Asa_Control_V1_AlarmStatus.init) }
  }

  func reload(request: Asa_Control_V1_ReloadRequest, context: ServerContext) async throws -> Asa_Control_V1_ReloadReply {
    do throws(ReloadRefusal) {
      let changes = try await reloader.reload()
      return .with { $0.changes = changes }
    } catch {
      throw Asa_Control_V1_Fault.asRPCError(error.faults.map(Asa_Control_V1_Fault.init))
    }
  }

  func adoptCredential(
    request: Asa_Control_V1_AdoptCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_AdoptCredentialReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      try await scheduler.adopt(
        AdoptionRequest(
          account: try await account(named: request.account), node: try NodeName(request.node), isDryRun: request.dryRun))
    }
    return .init(receipt)
  }

  func encryption(
    request: Asa_Control_V1_EncryptionRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_EncryptionReply {
    let report = try await answering { () async throws(OperatorFault) in
      try await scheduler.encryption(of: try await account(named: request.account), isAdvancing: request.advance)
    }
    return .init(report)
  }

  func forgetController(
    request: Asa_Control_V1_ForgetControllerRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ForgetControllerReply {
    let receipt = try await answering { () async throws(OperatorFault) in
      try await scheduler.forget(request.controller, of: try await account(named: request.account))
    }
    return .with {
      $0.account = receipt.account.description
      $0.controller = receipt.forgotten
      $0.successor = receipt.successor
      $0.version = receipt.version.number
      $0.replays = receipt.replays.map(\.number)
    }
  }

  private func outcomes(named names: [String]) throws(OperatorFault) -> Set<AlarmOutcome> {
    var outcomes: Set<AlarmOutcome> = []
    for name in names {
      guard let outcome = AlarmOutcome(rawValue: name) else {
        throw OperatorFault(
          .usage, "outcome '\(name)'", "is not known",
          remedy: "name one of \(AlarmOutcome.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      outcomes.insert(outcome)
    }
    return outcomes
  }

  private func accounts(named name: String) async throws(OperatorFault) -> [AccountName] {
    name.isEmpty ? await scheduler.configuredAccounts : [try await account(named: name)]
  }
}
