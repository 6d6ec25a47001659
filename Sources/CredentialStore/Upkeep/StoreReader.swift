import Foundation
import GRDB
import RotationCore

/// A connection that reads a store and changes nothing in it.
struct StoreReader {
  let subject: String
  let queue: DatabaseQueue

  /// Opens a database for reading.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput`, `.data` or `.inputOutput`.
  init(path: String) throws(OperatorFault) {
    let subject = "store \(path)"
    self.subject = subject
    let names = [path] + Self.aside(path)
    queue = try StoreFault.naming(subject) {
      var last: (any Error)?
      for name in names {
        do {
          let queue = try DatabaseQueue(path: name, configuration: Self.configuration)
          // The file is only looked at by the first statement.
          _ = try queue.read { try StoreSchema.currentVersion(of: $0) }
          return queue
        } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
          last = error
        }
      }
      throw last ?? SealRefusal()
    }
  }

  /// Runs `work` on an unchanging view.
  ///
  /// - Throws: ``OperatorFault``.
  func read<Value>(_ work: (Database) throws -> Value) throws(OperatorFault) -> Value {
    try StoreFault.naming(subject) { try queue.read(work) }
  }

  private static var configuration: GRDB.Configuration {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.label = "store reader"
    configuration.busyMode = .timeout(5)
    return configuration
  }

  /// A database that has had a write-ahead log wants to make files beside it even for reading. Where that is not possible it can be read as it is, if
  /// its log is empty.
  private static func aside(_ path: String) -> [String] {
    let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
    guard log ?? 0 == 0, let name = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) else { return [] }
    return ["file:\(name)?immutable=1"]
  }
}
