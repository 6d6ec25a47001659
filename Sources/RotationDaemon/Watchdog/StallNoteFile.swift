package import Foundation
import Glibc
import PosixStatus
package import RotationCore

/// What a daemon leaves behind for the one that is started after it: the step that did not end.
package struct StallNote: Sendable, Equatable, Codable {
  /// The step.
  package var step: DueStep
  /// When that was found, on the policy clock.
  package var time: Date

  /// Pairs a step with the time.
  package init(step: DueStep, time: Date) {
    self.step = step
    self.time = time
  }
}

/// The file of the stall note, in the state directory. It is written when the store cannot be asked any more.
package struct StallNoteFile: Sendable {
  /// What was found.
  package enum Finding: Sendable, Equatable {
    /// The run before ended without a stall.
    case nothing
    /// A stall ended the run before.
    case note(StallNote)
    /// There is something that cannot be read as a note: worth telling, no reason not to start.
    case unreadable(OperatorFault)
  }

  private static let sizeLimit = 64 * 1024
  private let path: String

  /// Names the file in the state directory.
  package init(stateDirectory: String) { path = "\(stateDirectory)/stall.json" }

  /// Leaves a note, on disk (0600) when the call returns; it replaces one that nobody has taken.
  ///
  /// - Throws: ``OperatorFault`` of kind `.inputOutput`.
  package func write(_ note: StallNote) throws(OperatorFault) {
    do {
      try FileReplacement(path: path, mode: 0o600).write([UInt8](Self.encoder.encode(note)))
    } catch let failure as FileReplacement.Failure {
      throw fault(failure.description)
    } catch {
      throw fault("cannot be encoded")
    }
  }

  /// Takes the note away: it is told once, even if the daemon that takes it is killed at once. What cannot be read is removed too.
  package func take() -> Finding {
    let contents = read()
    guard contents != .success(nil) else { return .nothing }
    let isRemoved = unlink(path) == 0
    // A directory entry that comes back after a power cut would tell an old stall as a new one.
    if isRemoved { try? FileReplacement.flushDirectory(of: path) }
    switch contents {
    case .failure(let fault): return .unreadable(fault)
    case .success(let data):
      guard let note = try? Self.decoder.decode(StallNote.self, from: data ?? Data()) else {
        return .unreadable(fault("is no stall note and was \(isRemoved ? "removed" : "left, it cannot be removed")"))
      }
      return .note(note)
    }
  }

  /// The contents; `nil` if there is no file.
  private func read() -> Result<Data?, OperatorFault> {
    // O_NONBLOCK: nothing that was put there may hang the start.
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      return errno == ENOENT ? .success(nil) : .failure(fault("cannot be opened: \(String(cString: strerror(errno)))"))
    }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor), status.kind == .regular, status.size <= Self.sizeLimit else {
      return .failure(fault("is no regular file of at most \(Self.sizeLimit) bytes"))
    }
    var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count < 0 ? .failure(fault("cannot be read")) : .success(Data(bytes[..<count]))
  }

  private func fault(_ problem: String) -> OperatorFault { OperatorFault(.inputOutput, "stall note \(path)", problem) }

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return encoder
  }()

  private static let decoder: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }()
}
