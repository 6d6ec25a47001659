import Glibc
import PosixStatus
import RotationCore
import SecretMemory

/// The file with the key that seals everything in the store.
struct StoreKeyFile {
  /// AES-256 takes exactly this many bytes.
  static let length = 32

  let path: String

  /// Reads the key.
  ///
  /// - Throws: ``OperatorFault`` of kind `.configuration` unless it is a regular file of 32 bytes that nobody else can read, or
  ///   `.inputOutput`.
  func read() throws(OperatorFault) -> SecretBytes {
    // O_NONBLOCK: a FIFO named by mistake must not hang the start.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw fault("cannot be opened: \(String(cString: strerror(errno)))", remedy: makeOne) }
    defer { close(descriptor) }
    try check(descriptor)
    return try SecretBytes(count: Self.length) { destination throws(OperatorFault) in
      guard Glibc.read(descriptor, destination.baseAddress, destination.count) == destination.count else {
        throw OperatorFault(.inputOutput, "store key \(path)", "could not be read whole")
      }
    }
  }

  private func check(_ descriptor: Int32) throws(OperatorFault) {
    guard let status = FileStatus(descriptor: descriptor), status.kind == .regular else {
      throw fault("is not a regular file", remedy: makeOne)
    }
    // Root reads what is the service user's.
    guard status.user == geteuid() || status.user == 0 || geteuid() == 0 else {
      throw fault("belongs to uid \(status.user)", remedy: "chown it to the service user or to root")
    }
    guard status.mode & 0o007 == 0, status.mode & 0o070 == 0 || isCredentialOfService(status) else {
      throw fault("is accessible to others", remedy: "chmod 0600 it, and make a new one if anybody else may have read it")
    }
    guard status.size == Self.length else {
      throw fault("has \(status.size) bytes instead of \(Self.length)", remedy: makeOne)
    }
  }

  /// systemd may hand a credential over as root's file with an access list for the service user; the mode's group bits are
  /// then the list's mask and no group's right. Only systemd makes files there, each below a directory for the one service.
  private func isCredentialOfService(_ status: FileStatus) -> Bool {
    path.hasPrefix("/run/credentials/") && status.user == 0 && status.group == 0 && status.mode & 0o030 == 0
  }

  private var makeOne: String {
    "restore the key of an existing store; for a new one: (umask 077; head -c 32 /dev/urandom > \(path))"
  }

  private func fault(_ problem: String, remedy: String) -> OperatorFault {
    OperatorFault(.configuration, "store key \(path)", problem, remedy: remedy)
  }
}
