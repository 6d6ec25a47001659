import ArgumentParser
import ControlProtocol
import GRPCCore
import RotationCore
import SwiftProtobuf

/// Asks the daemon for rotations, of different accounts side by side, and follows them.
struct RotationClient: Sendable {
  let connection: ControlConnection
  let environment: CommandEnvironment
  /// Whether the account is claimed from another claimant.
  let isTakeover: Bool
  /// The nodes that were named; `nil`: whichever an account has.
  let scope: Asa_Control_V1_Scope?
  /// Why older keys are to be destroyed; `nil`: they are not.
  var compromise: Asa_Control_V1_Compromise?

  /// Shows the plans of rotations that are not made.
  func plan(_ accounts: [String], reporter: any RotationReporter) async throws {
    try conclude(faults(of: try await planned(accounts, reporter: reporter)))
  }

  /// As ``plan(_:reporter:)``, for somebody who wants to know what was planned, and what was refused.
  func planned(_ accounts: [String], reporter: any RotationReporter) async throws -> [RotationResult] {
    try await follow(accounts, isDryRun: true, reporter)
  }

  /// Rotates. Ctrl-C ends the following, and says so.
  ///
  /// - Parameter refused: Why other accounts were not to be rotated, which is as much of a failure.
  func rotate(_ accounts: [String], besides refused: [OperatorFault] = [], reporter: any RotationReporter) async throws {
    let watching = Watching(interruption: environment.interruption)
    guard let results = try await watching.run({ try await follow(accounts, isDryRun: false, reporter) }) else {
      let what = accounts.count == 1 ? "the rotation goes on" : "the rotations go on"
      let end = accounts.count == 1 ? "it ends" : "they end"
      environment.terminal.warn("no longer watching; \(what), and asactl status shows how \(end)")
      throw ExitCode(130)
    }
    try conclude(faults(of: results) + refused)
  }

  /// What was refused or has failed; what has succeeded with a warning warns.
  func faults(of results: [RotationResult]) -> [OperatorFault] {
    results.compactMap { result in
      do throws(OperatorFault) {
        try result.conclude(warning: environment.terminal.warn)
        return nil
      } catch { return error }
    }
  }

  private func conclude(_ faults: [OperatorFault]) throws {
    if !faults.isEmpty { throw SeveralFaults.combining(faults) }
  }

  private func follow(
    _ accounts: [String], isDryRun: Bool, _ reporter: any RotationReporter
  ) async throws -> [RotationResult] {
    let board = RotationBoard(reporter, count: accounts.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (place, account) in accounts.enumerated() {
        group.addTask { try await follow(account, at: place, isDryRun: isDryRun, board) }
      }
      try await group.waitForAll()
    }
    return try await board.finish()
  }

  /// What cannot be asked of the daemon for one account is that account's failure, and keeps nobody from following the others.
  private func follow(_ account: String, at place: Int, isDryRun: Bool, _ board: RotationBoard) async throws {
    let request = request(account, isDryRun: isDryRun)
    do {
      try await connection.changing { client in
        try await client.rotate(request, options: ControlConnection.stream) { response in
          for try await message in response.messages {
            guard let event = RotationEvent(message) else { continue }
            try await board.take(event, at: place)
          }
        }
      }
    } catch let fault as OperatorFault {
      await board.fail(with: fault, at: place)
    }
  }

  private func request(_ account: String, isDryRun: Bool) -> Asa_Control_V1_RotateRequest {
    .with {
      $0.account = account
      $0.dryRun = isDryRun
      $0.takeOver = isTakeover
      if let scope { $0.scope = scope }
      if let compromise { $0.compromise = compromise }
    }
  }
}

/// Where the events of rotations that run side by side come together, one after the other.
private actor RotationBoard {
  private var reporter: any RotationReporter
  private var results: [RotationResult]

  init(_ reporter: any RotationReporter, count: Int) {
    self.reporter = reporter
    results = Array(repeating: RotationResult(), count: count)
  }

  func take(_ event: RotationEvent, at place: Int) throws {
    try reporter.report(event)
    results[place].note(event)
  }

  func fail(with fault: OperatorFault, at place: Int) { results[place].failed(with: fault) }

  func finish() throws -> [RotationResult] {
    try reporter.finish()
    return results
  }
}
