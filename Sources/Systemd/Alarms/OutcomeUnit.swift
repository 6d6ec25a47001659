import Glibc
import PosixStatus
package import RotationCore

/// Runs `asa-outcome@OUTCOME.service` for a notice: writes what it is told to a file, starts it through systemd, and waits for its end.
package actor OutcomeUnit: AlarmRaising {
  private nonisolated let executor = BlockingExecutor(label: "asa.outcome")
  private let directory: String
  private let callTimeout: Double
  private let patience: Double

  /// Runs the actor where libsystemd may block.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Prepares the starting of units; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - directory: Where the units' `EnvironmentFile=` are; made if it is absent.
  ///   - callTimeout: How long systemd and the bus may take to answer one call.
  ///   - patience: How long a unit may run; longer than its own `TimeoutStartSec=`, so that systemd says what became of it.
  package init(
    directory: String = "/run/asa-rotator/outcome", callTimeout: Duration = .seconds(25), patience: Duration = .seconds(150)
  ) {
    self.directory = directory
    self.callTimeout = callTimeout / .seconds(1)
    self.patience = patience / .seconds(1)
  }

  /// Runs the unit of one notice to its end.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate` if its file cannot be written, `.unavailable` if there is no bus or no such unit,
  ///   `.permission` if polkit refuses, `.temporary` if its end was not waited for, `.system` if it did not succeed.
  package func raise(_ notice: AlarmNotice) throws(OperatorFault) {
    let unit = "asa-outcome@\(notice.outcome.rawValue).service"
    try write(notice)
    let result: OutcomeResult?
    do throws(BusRefusal) { result = try run(unit) } catch { throw error.fault(starting: unit) }
    guard let result else { throw notAwaited(unit) }
    if let fault = result.fault(of: unit) { throw fault }
  }

  private func write(_ notice: AlarmNotice) throws(OperatorFault) {
    // chmod, since the process's umask takes from mkdir's mode; only of a directory that was made here.
    guard mkdir(directory, 0o750) == 0 ? chmod(directory, 0o750) == 0 : errno == EEXIST else {
      throw fault(directory, "cannot be made: \(String(cString: strerror(errno)))")
    }
    let path = "\(directory)/\(notice.outcome.rawValue).env"
    do throws(FileReplacement.Failure) {
      try FileReplacement(path: path, mode: 0o640).write(Array(OutcomeEnvironment(notice).text.text.utf8))
    } catch { throw fault(path, error.description) }
  }

  private func fault(_ path: String, _ problem: String) -> OperatorFault {
    OperatorFault(.cannotCreate, path, problem, remedy: "let the service user write to \(directory)")
  }

  /// Starts the unit and waits.
  ///
  /// - Returns: `nil` if it was not over in time.
  private func run(_ unit: String) throws(BusRefusal) -> OutcomeResult? {
    let deadline = MonotonicClock.seconds + patience
    let bus = try SystemBus.open(callTimeout: callTimeout)
    try bus.subscribeToJobs()
    bus.keepLoaded(unit)
    // A run that a former life of this process began was told of something else: its end is not the end of ours.
    let state = try bus.string("ActiveState", of: .unit(unit))
    if ["activating", "deactivating", "reloading"].contains(state) {
      guard try finish(unit, on: bus, until: deadline) != nil else { return nil }
    }
    guard let job = try finish(unit, on: bus, until: deadline) else { return nil }
    return try result(of: unit, job: job, on: bus)
  }

  private func finish(_ unit: String, on bus: borrowing SystemBus, until deadline: Double) throws(BusRefusal) -> String? {
    try bus.result(ofJob: try bus.start(unit), until: deadline) { Task.isCancelled }
  }

  private func result(of unit: String, job: String, on bus: borrowing SystemBus) throws(BusRefusal) -> OutcomeResult {
    let (unit, service) = (try UnitInterface.unit(unit), try UnitInterface.service(unit))
    let holds = try bus.number("ConditionResult", type: "b", of: unit, as: Int32.self) != 0
    // Where the unit is not loaded any more, no condition was ever tested.
    let wasTested = try bus.number("ConditionTimestampMonotonic", type: "t", of: unit, as: UInt64.self) > 0
    return OutcomeResult(
      job: job, service: try bus.string("Result", of: service),
      status: try bus.number("ExecMainStatus", type: "i", of: service, as: Int32.self), isSkipped: wasTested && !holds)
  }

  private func notAwaited(_ unit: String) -> OperatorFault {
    guard !Task.isCancelled else {
      return OperatorFault(.temporary, unit, "was still running when the service was told to stop")
    }
    return OperatorFault(
      .temporary, unit, "still runs after \(Int(patience)) s",
      remedy: "let its scripts end sooner, see systemctl status \(unit)")
  }
}
