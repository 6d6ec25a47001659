import Glibc
package import RotationCore

/// One of the daemon's two Unix sockets.
package struct ControlSocket: Sendable, Equatable {
  /// Which one.
  package enum Purpose: String, Sendable {
    /// Reading.
    case status
    /// Changes.
    case control
  }

  /// What it is for.
  package var purpose: Purpose
  /// Its path.
  package var path: String

  /// The socket of a purpose in a directory.
  package init(_ purpose: Purpose, in directory: String) {
    self.purpose = purpose
    path = (directory.hasSuffix("/") ? String(directory.dropLast()) : directory) + "/\(purpose.rawValue).sock"
  }

  /// Connects once and hangs up, to learn from the kernel's answer what is in the way before anything is asked.
  ///
  /// - Throws: `OperatorFault` of kind `.unavailable` if nobody listens, `.permission` if the socket is not ours to use.
  package func probe() throws(OperatorFault) {
    var address = try address()
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw refusal(errno) }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard result == 0 else { throw refusal(errno) }
  }

  private func address() throws(OperatorFault) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw OperatorFault(.usage, path, "is too long for a Unix socket", remedy: "use a directory with a shorter path")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }

  private func refusal(_ code: Int32) -> OperatorFault {
    switch code {
    case ENOENT, ENOTDIR, ECONNREFUSED:
      OperatorFault(
        .unavailable, "asa-rotatord", "no rotator listens on \(path)",
        remedy: "start asa-rotatord, or name its directory with --socket-directory")
    case EACCES, EPERM: permissionRefusal()
    case EAGAIN:
      OperatorFault(.temporary, path, "asa-rotatord does not accept connections", remedy: "try again in a moment")
    default:
      OperatorFault(.system, path, "cannot be connected to: \(String(cString: strerror(code)))")
    }
  }

  private func permissionRefusal() -> OperatorFault {
    let owners = SocketOwners(path: path)
    return OperatorFault(
      .permission, path, "may be used only by \(owners.description)",
      remedy: "run asactl as root, or join that group and log in again")
  }
}
