import Foundation
package import Glibc
import Synchronization

/// A child process, started and awaited by the system calls themselves. Foundation's learns of an end by a socket, which another child that is
/// started at the same moment may hold open for as long as it runs: two tests can then wait for ever for each other's daemons.
package final class ChildProcess: Sendable {
  /// The process id.
  package let identifier: pid_t
  private let status = Mutex<Int32?>(nil)
  private let end = DispatchGroup()

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: The program, looked for in `PATH` unless it holds a slash, and its arguments.
  ///   - environment: All of its environment; `nil`: that of this process.
  ///   - input: The file that it reads.
  ///   - output: The file that its standard output is appended to.
  ///   - errors: The same for standard error; `nil`: the same file.
  package init(
    _ command: [String], environment: [String: String]? = nil, input: String = "/dev/null", output: String = "/dev/null",
    errors: String? = nil
  ) throws {
    identifier = try Self.spawn(command, environment: environment, input: input, output: output, errors: errors ?? output)
    end.enter()
    let waiter = Thread { [self] in
      var raw: Int32 = 0
      while waitpid(identifier, &raw, 0) < 0, errno == EINTR {}
      status.withLock { $0 = raw & 0x7f == 0 ? (raw >> 8) & 0xff : raw & 0x7f }
      end.leave()
    }
    waiter.start()
  }

  /// Whether it has not ended yet, with all its threads.
  package var isRunning: Bool { status.withLock { $0 == nil } }

  /// Sends it a signal, unless it has ended.
  package func signal(_ number: Int32) {
    status.withLock { status in
      if status == nil { kill(identifier, number) }
    }
  }

  /// Waits for its end, blocking this thread, and returns its exit code or the number of the signal that ended it.
  ///
  /// - Parameter limit: Seconds after which it is killed, so that what hangs fails a test and does not stop all of them.
  @discardableResult
  package func wait(within limit: Int? = nil) -> Int32 {
    if let limit, end.wait(timeout: .now() + .seconds(limit)) == .timedOut { signal(SIGKILL) }
    end.wait()
    return status.withLock { $0 ?? 0 }
  }

  /// Waits for its end and returns its exit code or the number of the signal that ended it.
  @discardableResult
  package func ended() async -> Int32 {
    await withCheckedContinuation { continuation in
      end.notify(queue: .global()) { continuation.resume() }
    }
    return wait()
  }

  /// More than any test has open.
  private static let descriptorLimit: Int32 = 1024

  private static func spawn(
    _ command: [String], environment: [String: String]?, input: String, output: String, errors: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // Of what other threads have open, nothing must live on in a daemon: the peer of a socket would wait for its end in vain.
    for descriptor in 3..<descriptorLimit { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // Test runners block signals, and children inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    let variables = environment ?? ProcessInfo.processInfo.environment
    let arguments = command.map { strdup($0) } + [nil]
    let assignments = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + assignments { free(text) } }
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, command.first ?? "", &actions, &attributes, arguments, assignments)
    guard code == 0 else { throw CannotStart(command: command, code: code) }
    return identifier
  }
}

/// A program that could not be started.
package struct CannotStart: Error, CustomStringConvertible {
  let command: [String]
  let code: Int32

  package var description: String { "\(command.joined(separator: " ")): \(String(cString: strerror(code)))" }
}
