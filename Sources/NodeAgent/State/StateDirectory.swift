import Foundation
import Glibc
import PosixStatus
package import RotationCore
import SecretMemory

/// The agent's own directory, held by one agent at a time.
package final class StateDirectory: Sendable {
  /// Its path.
  package let path: String
  /// The UUID that this installation made once; a rotator tells two agents under one node name apart by it.
  package let installation: String
  private let lock: DirectoryLock

  /// Takes the directory for this process: makes it if it is missing, checks its rights, locks it, makes what is missing in it.
  ///
  /// - Throws: ``OperatorFault``: `.configuration` if the directory is open to others, `.temporary` if another agent holds it,
  ///   `.cannotCreate` or `.inputOutput` if it cannot be written.
  package init(path: String) throws(OperatorFault) {
    if FileStatus(path: path) == nil { try Self.makePrivate(path) }
    try Self.check(path)
    self.path = path
    lock = try DirectoryLock(path: "\(path)/lock")
    for subdirectory in ["slots", "saved"] { try Self.makePrivate("\(path)/\(subdirectory)") }
    installation = try Self.installation(at: "\(path)/installation")
  }

  /// The slot file in it.
  package var slotFile: SlotFile { SlotFile(path: "\(path)/slots/accounts.slots") }

  /// The directory of the saved copies of keytabs as they were before the agent first wrote them.
  package var savedDirectory: String { "\(path)/saved" }

  /// What made the node ready.
  package var readinessRecord: String { "\(path)/readiness" }

  /// What the node's consumers have loaded.
  package var consumerRecord: String { "\(path)/consumers" }

  /// How the node looks at its accounts by itself.
  package var watchRecord: String { "\(path)/watches" }

  private static func check(_ path: String) throws(OperatorFault) {
    guard let status = FileStatus(path: path), status.kind == .directory else {
      throw OperatorFault(
        .configuration, "stateDirectory \(path)", "is not a directory",
        remedy: "create it with mode 0700 for the agent's user")
    }
    guard status.isPrivate else {
      throw OperatorFault(
        .configuration, "stateDirectory \(path)", "is owned by or open to others",
        remedy: "chown it to the agent's user and chmod 700")
    }
  }

  private static func makePrivate(_ path: String) throws(OperatorFault) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw DurableFile.fault(.cannotCreate, path, "cannot be created") }
    try check(path)
  }

  private static func installation(at path: String) throws(OperatorFault) -> String {
    if let stored = try DurableFile.readPrivate(path, limit: 64) {
      let text = stored.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.trimmingCharacters(in: .whitespacesAndNewlines)
      guard UUID(uuidString: text) != nil else {
        throw OperatorFault(
          .data, path, "does not hold a UUID", remedy: "restore it, or remove it to become a new installation")
      }
      return text.lowercased()
    }
    let made = UUID().uuidString.lowercased()
    try DurableFile.replace(path, with: SecretBytes(copying: Array(made.utf8)))
    return made
  }
}

extension SecretBytes {
  /// Takes bytes that are not secret through an interface made for secrets.
  convenience init(copying bytes: [UInt8]) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }
}

/// An advisory lock that ends with the process.
private final class DirectoryLock: Sendable {
  private let descriptor: Int32

  init(path: String) throws(OperatorFault) {
    let opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw DurableFile.fault(.cannotCreate, path, "cannot be opened") }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let failure = DurableFile.fault(.system, path, "cannot be locked")
      close(opened)
      throw isHeld
        ? OperatorFault(
          .temporary, path, "is held by another running agent", remedy: "stop it, or give this one a stateDirectory of its own")
        : failure
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
