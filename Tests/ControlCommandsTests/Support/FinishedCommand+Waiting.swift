import ChildProcesses
import Foundation

extension FinishedCommand {
  /// Runs a command to its end on a thread that may block, so that other tests go on meanwhile.
  static func waiting(for command: [String], environment: [String: String]? = nil) async throws -> FinishedCommand {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try FinishedCommand(running: command, environment: environment) })
      }
    }
  }
}
