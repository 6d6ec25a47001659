package import RotationCore
import Synchronization

/// An alarm unit that keeps every notice and succeeds, unless told to fail.
package final class RecordingAlarms: AlarmRaising {
  /// The notices so far.
  package let notices = Chronicle<AlarmNotice>()
  private let fault = Mutex<OperatorFault?>(nil)

  /// A unit that succeeds.
  package init() {}

  /// Lets every notice from now on fail, or succeed again.
  package func fail(with fault: OperatorFault?) { self.fault.withLock { $0 = fault } }

  /// Keeps the notice.
  package func raise(_ notice: AlarmNotice) async throws(OperatorFault) {
    notices.append(notice)
    if let fault = fault.withLock({ $0 }) { throw fault }
  }
}
