import ArgumentParser
import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

/// Asks the daemon for a rotation and follows it.
struct RotationClient: Sendable {
  let connection: ControlConnection
  let environment: CommandEnvironment
  /// Whether the account is claimed from another claimant.
  let isTakeover: Bool
  /// Why older keys are to be destroyed; `nil`: they are not.
  var compromise: Asa_Control_V1_Compromise?

  /// Shows the plan of a rotation that is not made.
  func plan(_ account: String, reporter: any RotationReporter) async throws {
    _ = try await planned(account, reporter: reporter)
  }

  /// As ``plan(_:reporter:)``, for somebody who wants to know what was planned.
  func planned(_ account: String, reporter: any RotationReporter) async throws -> RotationResult {
    let result = try await follow(account, isDryRun: true, reporter)
    try result.conclude(warning: environment.terminal.warn)
    return result
  }

  /// Rotates. Ctrl-C ends the following, and says so.
  func rotate(_ account: String, reporter: any RotationReporter) async throws {
    let watching = Watching(interruption: environment.interruption)
    guard let result = try await watching.run({ try await follow(account, isDryRun: false, reporter) }) else {
      environment.terminal.warn("no longer watching; the rotation goes on, and asactl status shows how it ends")
      throw ExitCode(130)
    }
    try result.conclude(warning: environment.terminal.warn)
  }

  private func follow(_ account: String, isDryRun: Bool, _ reporter: any RotationReporter) async throws -> RotationResult {
    let request = Asa_Control_V1_RotateRequest.with {
      $0.account = account
      $0.dryRun = isDryRun
      $0.takeOver = isTakeover
      if let compromise { $0.compromise = compromise }
    }
    return try await connection.changing { client in
      try await client.rotate(request, options: ControlConnection.stream) { response in
        var reporter = reporter
        var result = RotationResult()
        for try await message in response.messages {
          guard let event = RotationEvent(message) else { continue }
          try reporter.report(event)
          result.note(event)
        }
        return result
      }
    }
  }
}
