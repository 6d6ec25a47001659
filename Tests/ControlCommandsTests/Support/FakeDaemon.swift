import ControlProtocol
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf

/// asa-rotatord as far as asactl can see it: both services on both sockets, with prepared answers.
struct FakeDaemon: Sendable {
  var status: @Sendable (Asa_Control_V1_StatusRequest) throws -> Asa_Control_V1_StatusReply = { _ in .init() }
  var history: @Sendable (Asa_Control_V1_HistoryRequest) throws -> Asa_Control_V1_HistoryReply = { _ in .init() }
  var nodes: @Sendable () throws -> Asa_Control_V1_ListNodesReply = { .init() }
  var rotate: @Sendable (Asa_Control_V1_RotateRequest, RPCWriter<Asa_Control_V1_RotateProgress>) async throws -> Void = {
    _, _ in
  }
  /// Waits, after the events of `rotate`, until the caller hangs up.
  var rotatesForever = false
  var verify: @Sendable (Asa_Control_V1_VerifyRequest, RPCWriter<Asa_Control_V1_VerifyProgress>) async throws -> Void = {
    _, _ in
  }
  var revoke: @Sendable (Asa_Control_V1_RevokeNodeRequest) throws -> Asa_Control_V1_RevokeNodeReply = { _ in .init() }
  var exclude: @Sendable (Asa_Control_V1_ExcludeNodeRequest) throws -> Asa_Control_V1_ExcludeNodeReply = { _ in .init() }
  var decommission: @Sendable (Asa_Control_V1_DecommissionNodeRequest) throws -> Asa_Control_V1_RevokeNodeReply = { _ in .init()
  }
  var health: @Sendable () throws -> Asa_Control_V1_HealthReply = { .init() }
  /// Does not answer a question for the health before the caller hangs up.
  var keepsHealthToItself = false
  var schedule: @Sendable (Asa_Control_V1_ScheduleRequest) throws -> Asa_Control_V1_ScheduleReply = { _ in .init() }
  var pause: @Sendable (Asa_Control_V1_PauseRequest) throws -> Asa_Control_V1_PauseReply = { _ in .init() }
  var resume: @Sendable (Asa_Control_V1_ResumeRequest) throws -> Asa_Control_V1_ResumeReply = { _ in .init() }
  var acknowledge: @Sendable (Asa_Control_V1_AcknowledgeRequest) throws -> Asa_Control_V1_AcknowledgeReply = { _ in .init() }
  var adopt: @Sendable (Asa_Control_V1_AdoptCredentialRequest) throws -> Asa_Control_V1_AdoptCredentialReply = { _ in .init() }
  var forget: @Sendable (Asa_Control_V1_ForgetControllerRequest) throws -> Asa_Control_V1_ForgetControllerReply = { _ in .init()
  }
  var encryption: @Sendable (Asa_Control_V1_EncryptionRequest) throws -> Asa_Control_V1_EncryptionReply = { _ in .init() }
  var reload: @Sendable () throws -> Asa_Control_V1_ReloadReply = { .init() }
  var resolveScope: @Sendable (Asa_Control_V1_Scope) throws -> Asa_Control_V1_ScopeReply = { _ in .init() }
  var copy: @Sendable (Asa_Control_V1_CopyCredentialRequest, RPCWriter<Asa_Control_V1_CopyProgress>) async throws -> Void = {
    _, writer in try await writer.write(.with { $0.ended = .init() })
  }
  var remove: @Sendable (Asa_Control_V1_RemoveCredentialRequest) throws -> Asa_Control_V1_RemoveCredentialReply = { _ in .init()
  }
  var prune: @Sendable (Asa_Control_V1_PruneCredentialRequest) throws -> Asa_Control_V1_PruneCredentialReply = { _ in .init() }

  /// Listens in a fresh directory while `body` runs; `body` gets the directory's path.
  func listening<Result: Sendable>(_ body: @Sendable (String) async throws -> Result) async throws -> Result {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    return try await serving("\(directory.path)/status.sock") {
      try await serving("\(directory.path)/control.sock") { try await body(directory.path) }
    }
  }

  private func serving<Result: Sendable>(_ path: String, _ body: @Sendable () async throws -> Result) async throws -> Result {
    let transport = HTTP2ServerTransport.Posix(address: .unixDomainSocket(path: path), transportSecurity: .plaintext)
    return try await withGRPCServer(transport: transport, services: [StatusFake(daemon: self), ControlFake(daemon: self)]) {
      _ in
      _ = try await transport.listeningAddress
      return try await body()
    }
  }
}

private struct StatusFake: Asa_Control_V1_StatusService.SimpleServiceProtocol {
  let daemon: FakeDaemon

  func getStatus(request: Asa_Control_V1_StatusRequest, context: ServerContext) async throws -> Asa_Control_V1_StatusReply {
    try daemon.status(request)
  }

  func getHistory(request: Asa_Control_V1_HistoryRequest, context: ServerContext) async throws -> Asa_Control_V1_HistoryReply {
    try daemon.history(request)
  }

  func listNodes(request: Asa_Control_V1_ListNodesRequest, context: ServerContext) async throws -> Asa_Control_V1_ListNodesReply
  {
    try daemon.nodes()
  }

  func getHealth(request: Asa_Control_V1_HealthRequest, context: ServerContext) async throws -> Asa_Control_V1_HealthReply {
    if daemon.keepsHealthToItself { try await context.cancellation.cancelled }
    return try daemon.health()
  }

  func getSchedule(
    request: Asa_Control_V1_ScheduleRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ScheduleReply {
    try daemon.schedule(request)
  }

  func resolveScope(request: Asa_Control_V1_Scope, context: ServerContext) async throws -> Asa_Control_V1_ScopeReply {
    try daemon.resolveScope(request)
  }
}

private struct ControlFake: Asa_Control_V1_ControlService.SimpleServiceProtocol {
  let daemon: FakeDaemon

  func rotate(
    request: Asa_Control_V1_RotateRequest, response: RPCWriter<Asa_Control_V1_RotateProgress>, context: ServerContext
  ) async throws {
    try await daemon.rotate(request, response)
    if daemon.rotatesForever { try await context.cancellation.cancelled }
  }

  func verify(
    request: Asa_Control_V1_VerifyRequest, response: RPCWriter<Asa_Control_V1_VerifyProgress>, context: ServerContext
  ) async throws {
    try await daemon.verify(request, response)
  }

  func revokeNode(
    request: Asa_Control_V1_RevokeNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RevokeNodeReply {
    try daemon.revoke(request)
  }

  func excludeNode(
    request: Asa_Control_V1_ExcludeNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ExcludeNodeReply {
    try daemon.exclude(request)
  }

  func decommissionNode(
    request: Asa_Control_V1_DecommissionNodeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RevokeNodeReply {
    try daemon.decommission(request)
  }

  func pause(request: Asa_Control_V1_PauseRequest, context: ServerContext) async throws -> Asa_Control_V1_PauseReply {
    try daemon.pause(request)
  }

  func resume(request: Asa_Control_V1_ResumeRequest, context: ServerContext) async throws -> Asa_Control_V1_ResumeReply {
    try daemon.resume(request)
  }

  func acknowledge(
    request: Asa_Control_V1_AcknowledgeRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_AcknowledgeReply {
    try daemon.acknowledge(request)
  }

  func reload(request: Asa_Control_V1_ReloadRequest, context: ServerContext) async throws -> Asa_Control_V1_ReloadReply {
    try daemon.reload()
  }

  func adoptCredential(
    request: Asa_Control_V1_AdoptCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_AdoptCredentialReply {
    try daemon.adopt(request)
  }

  func encryption(
    request: Asa_Control_V1_EncryptionRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_EncryptionReply {
    try daemon.encryption(request)
  }

  func forgetController(
    request: Asa_Control_V1_ForgetControllerRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_ForgetControllerReply {
    try daemon.forget(request)
  }

  func copyCredential(
    request: Asa_Control_V1_CopyCredentialRequest, response: RPCWriter<Asa_Control_V1_CopyProgress>, context: ServerContext
  ) async throws {
    try await daemon.copy(request, response)
  }

  func removeCredential(
    request: Asa_Control_V1_RemoveCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_RemoveCredentialReply {
    try daemon.remove(request)
  }

  func pruneCredential(
    request: Asa_Control_V1_PruneCredentialRequest, context: ServerContext
  ) async throws -> Asa_Control_V1_PruneCredentialReply {
    try daemon.prune(request)
  }
}
