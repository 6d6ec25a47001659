import Glibc
import RotationCore

/// A file that says by being there that the node is in service; load balancers' checks look for it.
struct ReadinessFile: Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  /// Makes the file, empty and readable by everybody.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  func create() throws(OperatorFault) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.fault(.cannotCreate, "readinessFile \(path)", "cannot be created") }
    // The agent's umask hides everything else that it writes; this file is for others to see.
    fchmod(descriptor, 0o644)
    close(descriptor)
  }

  /// Takes the file away, if it is there.
  ///
  /// - Throws: ``OperatorFault`` of kind `.cannotCreate`.
  func remove() throws(OperatorFault) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw DurableFile.fault(.cannotCreate, "readinessFile \(path)", "cannot be removed")
    }
  }
}
