import GRDB
import Glibc
package import RotationCore

/// Writes a backup of a store.
package struct StoreBackup: Sendable {
  private let directory: String
  private let keyFile: String

  /// Names a store.
  package init(directory: String, keyFile: String) {
    self.directory = directory
    self.keyFile = keyFile
  }

  /// Writes one state of the store into a new file of mode 0600, also while the daemon works with the store, and checks what was written.
  ///
  /// - Returns: What the check of the file has found; nothing critical.
  /// - Throws: ``OperatorFault``, with no file left behind: `.cannotCreate` if there is one already, `.data` for a damaged store.
  package func write(to path: String) throws(OperatorFault) -> StoreReport {
    let place = try StoreDirectory(existing: directory)
    try place.checkFile(StoreDirectory.databaseName)
    let reader = try StoreReader(path: place.database)
    try make(path)
    do throws(OperatorFault) {
      try StoreCopy(path: path).fill(from: reader.queue, subject: reader.subject)
      let report = try StoreExamination.run(onBackup: path, keyFile: keyFile)
      if let fault = report.fault { throw fault }
      guard report.version ?? 0 > 0 else {
        throw OperatorFault(.data, reader.subject, "is empty, there is nothing to back up")
      }
      return report
    } catch {
      unlink(path)
      throw error
    }
  }

  private func make(_ path: String) throws(OperatorFault) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw OperatorFault(
        .cannotCreate, "backup \(path)",
        code == EEXIST
          ? "exists already, and a backup is never overwritten" : "cannot be made: \(String(cString: strerror(code)))",
        remedy: "name another file")
    }
    close(descriptor)
  }
}
