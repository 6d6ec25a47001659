import ControlProtocol
import RotationCore
import SwiftProtobuf

/// Takes an account on to AES step by step: rotations and questions by turns, until nothing is left that can be done now.
struct EncryptionDriver: Sendable {
  let connection: ControlConnection
  let environment: CommandEnvironment
  /// Whether standard output carries JSON alone.
  let isQuiet: Bool

  /// Every node may take ten seconds per SPN to answer, and domain controllers their own time.
  private static let patience: Duration = .seconds(180)
  /// The rotations that the way takes at most: one before the attribute, one after it, one more with `previous: keep`.
  private static let rotations = 3

  /// Where the account stands.
  func ask(_ account: String, isAdvancing: Bool) async throws -> EncryptionDocument {
    let request = Asa_Control_V1_EncryptionRequest.with {
      $0.account = account
      $0.advance = isAdvancing
    }
    let reply = try await connection.changing {
      try await $0.encryption(request, options: ControlConnection.answered(within: Self.patience))
    }
    return EncryptionDocument(reply)
  }

  /// Does what can be done.
  ///
  /// - Parameter patience: How many seconds to wait for what comes by itself.
  func advance(_ account: String, patience: Int) async throws -> EncryptionDocument {
    var done: [String] = []
    var (rotations, seconds) = (0, patience)
    while true {
      var report = try await ask(account, isAdvancing: true)
      try tell(report.done)
      done += report.done
      report.done = done
      guard let next = report.next else { return report }
      if next.needsRotation, rotations < Self.rotations {
        rotations += 1
        try await rotate(report.account)
      } else if next.isWaitingForControllers, seconds > 0 {
        seconds -= 1
        try await Task.sleep(for: .seconds(1))
      } else {
        return report
      }
    }
  }

  private func rotate(_ account: String) async throws {
    let client = RotationClient(connection: connection, environment: environment, isTakeover: false, scope: nil)
    try await client.rotate([account], reporter: reporter)
  }

  private var reporter: any RotationReporter {
    if isQuiet { return SilentRotationReporter() }
    return PlainRotationReporter(
      terminal: environment.terminal, time: environment.time, isLabelled: false, isVerbose: false)
  }

  private func tell(_ sentences: [String]) throws {
    if !isQuiet { try environment.terminal.print(sentences) }
  }
}

/// Shows nothing: the outcome is told otherwise.
struct SilentRotationReporter: RotationReporter {
  mutating func report(_ event: RotationEvent) throws {}
}
