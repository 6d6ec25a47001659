import Glibc
import RotationCore

/// Runs the command of a consumer that is no unit of systemd, without a shell, and waits for its end alone: what it leaves running is the consumer.
struct ConsumerCommand: Sendable {
  let words: [String]
  let environment: [String]
  let timeout: Duration

  private static let interval: Duration = .milliseconds(50)
  /// An agent never has nearly as many open; glibc overlooks those that are not.
  private static let descriptorLimit = Int32(min(sysconf(Int32(_SC_OPEN_MAX)), 1024))

  /// - Throws: ``OperatorFault`` of kind `.system` if it cannot be started, ends with another status than 0, or has to be killed; `.temporary` if
  ///   the agent stops meanwhile.
  func run() async throws(OperatorFault) {
    let process = try spawn()
    let end = ContinuousClock.now + timeout
    while true {
      if let status = try statusOfEnded(process) {
        guard status == 0 else { throw fault("ended with status \(status)") }
        return
      }
      if Task.isCancelled { throw OperatorFault(.temporary, subject, "was still running when the agent was told to stop") }
      guard ContinuousClock.now < end else {
        kill(-process, SIGKILL)
        waitpid(process, nil, 0)
        throw fault("did not end within \(timeout)")
      }
      try? await Task.sleep(for: Self.interval)
    }
  }

  /// Starts it in a process group of its own, with nothing of the agent's but its user and standard error.
  private func spawn() throws(OperatorFault) -> pid_t {
    guard let program = words.first else { throw fault("names no program") }
    var files = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&files)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&files)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO)
    for descriptor in (STDERR_FILENO + 1)..<Self.descriptorLimit { posix_spawn_file_actions_addclose(&files, descriptor) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    return try start(program, &files, &attributes)
  }

  private func start(
    _ program: String, _ files: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t
  ) throws(OperatorFault) -> pid_t {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process = pid_t()
    let code = posix_spawn(&process, program, &files, &attributes, &arguments, &variables)
    guard code == 0 else { throw fault("cannot be started: \(String(cString: strerror(code)))") }
    return process
  }

  /// Its exit status, or 128 and the signal that ended it; `nil` while it runs.
  private func statusOfEnded(_ process: pid_t) throws(OperatorFault) -> Int32? {
    var status: Int32 = 0
    switch waitpid(process, &status, WNOHANG) {
    case 0: return nil
    case process: return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    default:
      if errno == EINTR { return nil }
      throw fault("cannot be waited for: \(String(cString: strerror(errno)))")
    }
  }

  private var subject: String { "command \(words.joined(separator: " "))" }

  private func fault(_ problem: String) -> OperatorFault {
    OperatorFault(.system, subject, problem, remedy: "try it by hand as the agent's user")
  }
}
