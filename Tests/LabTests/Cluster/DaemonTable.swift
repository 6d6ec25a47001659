import Foundation
import Glibc
import Synchronization

/// The running daemons of a cluster, by name.
actor DaemonTable {
  private var processes: [String: Process] = [:]

  func start(
    _ name: String, program: String, arguments: [String], log: String, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try output.seekToEnd()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    processes[name] = process
  }

  func signal(_ name: String, _ signal: Int32) {
    guard let process = processes[name], process.isRunning else { return }
    Glibc.kill(process.processIdentifier, signal)
  }

  /// Kills it and waits until it is gone.
  func kill(_ name: String) {
    guard let process = processes.removeValue(forKey: name), process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func isRunning(_ name: String) -> Bool {
    guard let process = processes[name] else { return false }
    return process.isRunning && !isZombie(process.processIdentifier)
  }

  /// A daemon that was started at the same moment may hold the socket by which Foundation notices that this one has ended. Its locks are
  /// free when its last thread is gone, not its first.
  private func isZombie(_ process: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return threads.count <= 1 && status.split(separator: ")").last?.hasPrefix(" Z") ?? true
  }

  func end(_ name: String) {
    guard let process = processes.removeValue(forKey: name) else { return }
    end(process)
  }

  func endAll() {
    for process in processes.values { end(process) }
    processes = [:]
  }

  func identifiers() -> [Int32] { processes.values.map(\.processIdentifier) }

  private func end(_ process: Process) {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGCONT)
    process.terminate()
    process.waitUntilExit()
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
