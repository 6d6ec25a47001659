import AgentService
import ControlProtocol
import Foundation
import GRPCCore
import RotationCore
import SwiftProtobuf

/// Answers on both sockets: reading only.
struct StatusProvider: Asa_Control_V1_StatusService.SimpleServiceProtocol {
  let scheduler: RotationScheduler
  let store: any RotationStoring
  let agents: AgentService

  func getStatus(request: Asa_Control_V1_StatusRequest, context: ServerContext) async throws -> Asa_Control_V1_StatusReply {
    let accounts = await scheduler.snapshot()
    let alarms = await scheduler.standingAlarms
    let rotator = try await answering { () async throws(OperatorFault) in try await store.identity().rotator }
    let node = request.node.isEmpty ? nil : try await answering { () async throws(OperatorFault) in try NodeName(request.node) }
    if let node, !accounts.contains(where: { $0.nodes.contains { $0.node == node } }) {
      throw RPCError(
        OperatorFault(.noInput, "node \(node)", "is in no array of the configuration", remedy: "see 'asactl nodes list'"))
    }
    return .with {
      $0.rotator = rotator.description
      $0.daemonVersion = RotationDaemon.version
      $0.alarms = alarms.map(Asa_Control_V1_AlarmStatus.init)
      $0.accounts = accounts.map { account in
        var message = Asa_Control_V1_AccountStatus(account)
        if let node { message.nodes.removeAll { $0.node != node.description } }
        return message
      }
    }
  }

  func getHistory(request: Asa_Control_V1_HistoryRequest, context: ServerContext) async throws -> Asa_Control_V1_HistoryReply {
    let records = try await answering { () async throws(OperatorFault) in
      let account = request.account.isEmpty ? nil : try AccountName(request.account)
      return try await store.history(of: account, limit: Int(min(max(request.limit, 1), 1000)))
    }
    return .with { $0.records = records.map(Asa_Control_V1_HistoryRecord.init) }
  }

  func listNodes(request: Asa_Control_V1_ListNodesRequest, context: ServerContext) async throws -> Asa_Control_V1_ListNodesReply
  {
    let nodes = await scheduler.nodeSnapshot()
    return .with { $0.nodes = nodes.map(Asa_Control_V1_NodeStatus.init) }
  }

  func getHealth(request: Asa_Control_V1_HealthRequest, context: ServerContext) async throws -> Asa_Control_V1_HealthReply {
    Asa_Control_V1_HealthReply(await scheduler.health(certificateNotAfter: agents.certificateNotAfter))
  }

  func getSchedule(
    request: Asa_Control_V1_ScheduleRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ScheduleReply {
    let account =
      request.account.isEmpty
      ? nil : try await answering { () async throws(OperatorFault) in try AccountName(request.account) }
    let count = request.count == 0 ? 5 : Int(min(request.count, 100))
    let schedules = await scheduler.schedules(of: account, count: count)
    if let account, schedules.isEmpty {
      throw RPCError(
        OperatorFault(.noInput, "account \(account)", "is not configured", remedy: "see 'asactl schedule' without --account"))
    }
    return .with { $0.accounts = schedules.map(Asa_Control_V1_AccountSchedule.init) }
  }

  func resolveScope(request: Asa_Control_V1_Scope, context: ServerContext) async throws -> Asa_Control_V1_ScopeReply {
    let scoped = try await answering { () async throws(OperatorFault) in
      try await scheduler.resolve(try RotationScope(request))
    }
    return .with { $0.accounts = scoped.map(Asa_Control_V1_ScopedAccount.init) }
  }
}

/// Turns a fault into a status that the other side can turn back.
func answering<Value>(_ body: () async throws(OperatorFault) -> Value) async throws -> Value {
  do throws(OperatorFault) { return try await body() } catch { throw RPCError(error) }
}

extension RPCError {
  /// A fault as an RPC status that carries the fault itself.
  init(_ fault: OperatorFault) {
    self = Asa_Control_V1_Fault(fault).asRPCError(code: Self.code(for: fault.kind))
  }

  private static func code(for kind: OperatorFault.Kind) -> RPCError.Code {
    switch kind {
    case .usage, .data, .configuration: .invalidArgument
    case .noInput: .notFound
    case .unavailable: .unavailable
    case .permission: .permissionDenied
    case .temporary: .failedPrecondition
    case .protocol: .unimplemented
    case .software, .system, .cannotCreate, .inputOutput: .internalError
    }
  }
}
