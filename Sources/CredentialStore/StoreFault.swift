import GRDB
import RotationCore

/// What went wrong with a store, as a person is told.
enum StoreFault {
  /// The ways to a whole store again.
  static let waysBack =
    "'asactl store check' names all damage; bring back the newest backup ('asactl store restore FILE'), or start with an empty store and adopt the nodes' keys ('asactl credential adopt')"

  /// Runs `work` and turns SQLite's errors into faults. Their text is SQLite's own message, never the statement with its values.
  ///
  /// - Throws: ``OperatorFault``.
  static func naming<Value>(_ subject: String, _ work: () throws -> Value) throws(OperatorFault) -> Value {
    do {
      return try work()
    } catch let fault as OperatorFault {
      throw fault
    } catch let error as DatabaseError {
      throw fault(of: error, subject)
    } catch let damage as RecordDamage {
      throw OperatorFault(
        .data, subject, "is damaged: the \(damage.table.rawValue) record of '\(damage.owner)' is not the one that was written",
        remedy: waysBack)
    } catch {
      throw OperatorFault(.data, subject, "is damaged: its identity does not open", remedy: waysBack)
    }
  }

  private static func fault(of error: DatabaseError, _ subject: String) -> OperatorFault {
    let message = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_FORMAT, .SQLITE_MISMATCH:
      return OperatorFault(.data, subject, "is damaged: \(message)", remedy: waysBack)
    case .SQLITE_FULL:
      return OperatorFault(.inputOutput, subject, "SQLite refused: \(message)", remedy: "make room on its file system")
    case .SQLITE_READONLY:
      return OperatorFault(.inputOutput, subject, "SQLite refused: \(message)", remedy: "mount its file system for writing")
    default:
      return OperatorFault(.inputOutput, subject, "SQLite refused: \(message)", remedy: "check the disk and its free space")
    }
  }
}
