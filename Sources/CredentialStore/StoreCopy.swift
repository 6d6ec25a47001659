import Foundation
import GRDB
import Glibc
import PosixStatus
import RotationCore

/// A copy of a store in one file of its own, without a log beside it.
struct StoreCopy {
  let path: String

  /// The time as it is put into the names of copies.
  static func stamp(of time: Date) -> String {
    time.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
  }

  /// Copies a store through SQLite's backup, which takes one state of it even while it is written to. What is at the path must be empty;
  /// on disk when the call returns.
  ///
  /// - Throws: ``OperatorFault``.
  func fill(from source: DatabaseQueue, subject: String) throws(OperatorFault) {
    try StoreFault.naming(subject) {
      let copy = try DatabaseQueue(path: path)
      do {
        try source.backup(to: copy)
        try copy.writeWithoutTransaction { connection in
          // In one file, which opens where nothing can be written beside it.
          _ = try String.fetchOne(connection, sql: "PRAGMA journal_mode = DELETE")
        }
      } catch {
        try? copy.close()
        throw error
      }
      try copy.close()
    }
    try flush()
  }

  private func flush() throws(OperatorFault) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw OperatorFault(.inputOutput, path, "cannot be flushed: \(String(cString: strerror(errno)))")
    }
    do throws(FileReplacement.Failure) { try FileReplacement.flushDirectory(of: path) } catch {
      throw OperatorFault(.inputOutput, path, error.description)
    }
  }
}
