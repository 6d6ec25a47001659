package import Logging
import PosixStatus
import RotationCore

/// The file that node_exporter reads. What keeps it from being written is logged once, and again when it changes or is over.
package actor MetricsFile {
  private nonisolated let executor = BlockingExecutor(label: "asa.metrics")
  private let file: FileReplacement
  private let logger: Logger
  private var fault: OperatorFault?

  /// Runs the actor where a slow disk may block.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Names the file; its directory must be there.
  ///
  /// - Parameters:
  ///   - mode: The file's permission bits. Its group is the directory's where that one is setgid: the service may not change groups.
  ///   - logger: Where faults are told.
  package init(path: String, mode: UInt32 = 0o640, logger: Logger) {
    file = FileReplacement(path: path, mode: mode)
    self.logger = logger
  }

  /// Replaces the file; a reader sees the old one or the new one.
  package func write(_ input: MetricsInput) {
    do throws(FileReplacement.Failure) {
      try file.write(Array(MetricsText(input).text.utf8))
      ended(with: nil)
    } catch {
      ended(
        with: OperatorFault(
          .cannotCreate, "metrics file \(file.path)", error.description,
          remedy: "let the service user write to its directory (ReadWritePaths=), or change metrics.file"))
    }
  }

  private func ended(with fault: OperatorFault?) {
    guard fault != self.fault else { return }
    self.fault = fault
    if let fault {
      logger.error("The metrics are not written: \(fault)", metadata: ["fault": "\(fault)"])
    } else {
      logger.notice("The metrics are written again")
    }
  }
}
