import CredentialStore
import RotationCore

/// Has the store examined, on a thread that may block.
actor StoreGathering {
  nonisolated private let executor = BlockingExecutor(label: "store examination")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Examines it, and changes nothing.
  func report(on directory: String, keyFile: String) -> Result<StoreReport, OperatorFault> {
    do throws(OperatorFault) {
      return .success(try StoreExamination(directory: directory, keyFile: keyFile).run())
    } catch { return .failure(error) }
  }
}
