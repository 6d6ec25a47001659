import Foundation
import GRDB
import Glibc
import PosixStatus
package import RotationCore

/// Looks at a store from outside and changes nothing: what the daemon would say at its start and more, all of it at once.
package struct StoreExamination: Sendable {
  private let directory: String
  private let keyFile: String

  /// Names a store.
  package init(directory: String, keyFile: String) {
    self.directory = directory
    self.keyFile = keyFile
  }

  /// Examines the store. It works beside a running daemon, on one unchanging view of what is on disk.
  ///
  /// - Throws: ``OperatorFault`` if there is nothing to examine: `.noInput`, `.permission`, `.configuration`.
  package func run() throws(OperatorFault) -> StoreReport {
    let place = try StoreDirectory(existing: directory)
    let tenure = StoreTenure(of: place)
    var report = StoreReport(path: place.database, circumstance: StoreReport.Circumstance(tenure))
    do throws(OperatorFault) {
      try place.checkFile(StoreDirectory.databaseName)
      report.findings.append(.fine(.files, "\(place.database) is there and its owner's alone"))
    } catch {
      report.findings.append(.critical(.files, error, so: "the rotator cannot use it"))
      if error.kind == .noInput { return report }
    }
    ContentsExamination(keyFile: keyFile).run(on: place.database, into: &report)
    report.findings += StoreSurroundings(place: place).findings()
    return withExtendedLifetime(tenure) { report }
  }

  /// Examines a copy of a store in one file.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput`, `.permission` or `.inputOutput` if it cannot be read.
  static func run(onBackup path: String, keyFile: String) throws(OperatorFault) -> StoreReport {
    guard let status = FileStatus(followingLinksFrom: path) else {
      let code = errno
      throw OperatorFault(
        code == EACCES ? .permission : .noInput, "backup \(path)", "cannot be read: \(String(cString: strerror(code)))")
    }
    guard status.kind == .regular, status.size > 0 else {
      throw OperatorFault(.data, "backup \(path)", status.kind == .regular ? "is empty" : "is not a regular file")
    }
    var report = StoreReport(path: path, circumstance: .backup)
    ContentsExamination(keyFile: keyFile).run(on: path, into: &report)
    return report
  }
}

extension StoreReport.Circumstance {
  init(_ tenure: StoreTenure) {
    switch tenure {
    case .ours: self = .stopped
    case .theirs: self = .running
    case .unknown: self = .unknown
    }
  }
}

/// Looks at what is around the database: its log, the room for it, copies beside it.
struct StoreSurroundings {
  let place: StoreDirectory

  /// Below this much room the next writes may fail.
  private static let scarce: UInt64 = 64 << 20
  /// Below this much they will.
  private static let exhausted: UInt64 = 1 << 20

  func findings() -> [StoreFinding] { [space, copies].compactMap(\.self) }

  private var space: StoreFinding {
    guard let system = FileSystemStatus(of: place.path) else {
      return .warning(
        .space, "the room on the file system of \(place.path) is not known", so: "a full one stops rotations",
        remedy: "look with df")
    }
    let room = "\(system.bytesFree >> 20) MiB are free on the file system of \(place.path)"
    let stopped = "no rotation begins or goes on, nodes go on accepting with the keys that they hold"
    if system.isReadOnly {
      let fault = OperatorFault(
        .inputOutput, "the file system of \(place.path)", "is read-only", remedy: "mount it for writing")
      return .critical(.space, fault, so: stopped)
    }
    if system.bytesFree < Self.exhausted {
      let fault = OperatorFault(.inputOutput, place.path, room, remedy: "make room; what was held back is written by itself")
      return .critical(.space, fault, so: stopped)
    }
    guard system.bytesFree < Self.scarce else { return .fine(.space, room) }
    return .warning(.space, room, so: "once it is full \(stopped)", remedy: "make room")
  }

  private var copies: StoreFinding? {
    let own: Set = ["rotator.db", "rotator.db-wal", "rotator.db-shm"]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    let copies = names.filter { $0.hasPrefix("rotator.db") && !own.contains($0) }.sorted()
    guard !copies.isEmpty else { return nil }
    return .warning(
      .copies, "older copies are beside it: \(copies.joined(separator: ", "))",
      so: "they hold, sealed, keys that the store itself may have destroyed since",
      remedy: "remove them once you are sure that you do not need them")
  }
}
