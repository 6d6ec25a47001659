import Foundation
import RotationCore
import Synchronization

/// Runs the command of a consumer that is no unit of systemd, without a shell, and waits for its end.
struct ConsumerCommand: Sendable {
  let words: [String]
  let timeout: Duration

  /// - Throws: ``OperatorFault`` of kind `.system` if it cannot be started, ends with another status than 0, or has to be killed.
  func run() async throws(OperatorFault) {
    guard let program = words.first else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = Array(words.dropFirst())
    process.standardInput = FileHandle.nullDevice
    let ends = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { ended in
      ends.continuation.yield(ended.terminationReason == .exit ? ended.terminationStatus : 128 + ended.terminationStatus)
      ends.continuation.finish()
    }
    do { try process.run() } catch {
      throw fault("cannot be started: \(error.localizedDescription)")
    }
    let identifier = process.processIdentifier
    let status = await status(from: ends.stream) { kill(identifier, SIGKILL) }
    guard let status else { throw fault("did not end within \(timeout)") }
    guard status == 0 else { throw fault("ended with status \(status)") }
  }

  /// `nil` if it took too long and was killed.
  private func status(from ends: AsyncStream<Int32>, kill: @escaping @Sendable () -> Void) async -> Int32? {
    await withTaskGroup(of: Int32?.self) { group in
      group.addTask { await ends.first { _ in true } }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      let first = await group.next() ?? nil
      if first == nil { kill() }
      return first
    }
  }

  private func fault(_ problem: String) -> OperatorFault {
    OperatorFault(.system, "command \(words.joined(separator: " "))", problem, remedy: "try it by hand as the agent's user")
  }
}
