import ChildProcesses
import Foundation
import Glibc
import Synchronization

/// The running daemons of a cluster, by name.
actor DaemonTable {
  private var processes: [String: ChildProcess] = [:]

  func start(_ name: String, _ command: [String], log: String, environment: [String: String] = [:]) throws {
    processes[name] = try ChildProcess(
      command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, output: log)
  }

  func signal(_ name: String, _ signal: Int32) { processes[name]?.signal(signal) }

  /// Kills it and waits until it is gone.
  func kill(_ name: String) async {
    guard let process = processes.removeValue(forKey: name) else { return }
    process.signal(SIGKILL)
    await process.ended()
  }

  func isRunning(_ name: String) -> Bool { processes[name]?.isRunning ?? false }

  func end(_ name: String) async {
    guard let process = processes.removeValue(forKey: name) else { return }
    await end(process)
  }

  func endAll() async {
    let all = processes.values
    processes = [:]
    for process in all { await end(process) }
  }

  func identifiers() -> [Int32] { processes.values.map(\.identifier) }

  private func end(_ process: ChildProcess) async {
    process.signal(SIGCONT)
    process.signal(SIGTERM)
    await process.ended()
  }
}

/// A fresh TCP port for each cluster of this lab; the lab's loopback is its own.
enum PortCounter {
  private static let last = Mutex(17_748)

  static func next() -> Int {
    last.withLock { port in
      port += 1
      return port
    }
  }
}
