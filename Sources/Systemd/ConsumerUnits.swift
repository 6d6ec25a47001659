import PosixStatus
package import RotationCore

/// Has systemd reload or restart units that cache a keytab, and waits until they run again.
package actor ConsumerUnits {
  /// What to do with a unit.
  package enum Action: Sendable, Equatable {
    /// ReloadUnit.
    case reload
    /// TryRestartUnit: a unit that does not run is left alone.
    case restart

    var method: String {
      switch self {
      case .reload: "ReloadUnit"
      case .restart: "TryRestartUnit"
      }
    }
  }

  private nonisolated let executor = BlockingExecutor(label: "asa.consumers")
  private let callTimeout: Double

  /// Runs the actor where libsystemd may block.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameter callTimeout: How long systemd and the bus may take to answer one call.
  package init(callTimeout: Duration = .seconds(25)) { self.callTimeout = callTimeout / .seconds(1) }

  /// Reloads or restarts a unit. One that does not run reads its keytab when it starts, and is left alone.
  ///
  /// - Throws: ``OperatorFault`` of kind `.permission` if polkit refuses, `.unavailable` if there is no bus or no such unit, `.temporary` if it
  ///   took longer than `limit`, `.system` if the unit does not run afterwards.
  package func renew(_ unit: String, by action: Action, within limit: Duration) throws(OperatorFault) {
    let job: String?
    let state: String
    do throws(BusRefusal) {
      let bus = try SystemBus.open(callTimeout: callTimeout)
      try bus.subscribeToJobs()
      guard try bus.string("ActiveState", of: .unit(unit)) != "inactive" else { return }
      let deadline = MonotonicClock.seconds + limit / .seconds(1)
      job = try bus.result(ofJob: try bus.queue(action.method, of: unit), until: deadline) { Task.isCancelled }
      state = try bus.string("ActiveState", of: .unit(unit))
    } catch { throw error.fault(renewing: unit) }
    guard let job else {
      throw OperatorFault(
        .temporary, unit, "was not \(action)ed within \(limit)", remedy: "see systemctl status \(unit); raise consumers.timeout"
      )
    }
    guard job == "done", state == "active" else {
      throw OperatorFault(
        .system, unit, "is \(state) after its \(action), which ended as \(job)", remedy: "see journalctl -u \(unit)")
    }
  }
}
