import Glibc
import PosixStatus
import RotationCore

/// Reads a configuration file into memory, bounded.
enum ConfigurationFile {
  /// The most bytes that a configuration may have: some 10,000 accounts, far below what would hurt the parser.
  static let sizeLimit = 1 << 20

  /// Reads the whole file as UTF-8.
  ///
  /// - Throws: ``OperatorFault`` of kind `.noInput`, `.permission`, `.inputOutput` or `.configuration`.
  static func contents(of path: String) throws(OperatorFault) -> String {
    // O_NONBLOCK: opening a FIFO by mistake must not hang the start.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw openingFault(path, code: errno) }
    defer { close(descriptor) }
    try checkKind(of: descriptor, path: path)
    let bytes = try readBounded(descriptor, path: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw OperatorFault(.configuration, path, "is not UTF-8 text", remedy: "save it as UTF-8")
    }
    return text
  }

  /// Whether there is something under this path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func openingFault(_ path: String, code: Int32) -> OperatorFault {
    let problem = "cannot be opened: \(String(cString: strerror(code)))"
    switch code {
    case ENOENT, ENOTDIR: return OperatorFault(.noInput, path, problem, remedy: "name an existing file")
    case EACCES, EPERM: return OperatorFault(.permission, path, problem, remedy: "let this user read it")
    default: return OperatorFault(.inputOutput, path, problem)
    }
  }

  private static func checkKind(of descriptor: Int32, path: String) throws(OperatorFault) {
    guard let status = FileStatus(descriptor: descriptor) else {
      throw OperatorFault(.inputOutput, path, "cannot be examined: \(String(cString: strerror(errno)))")
    }
    guard status.kind == .regular else {
      throw OperatorFault(.configuration, path, "is not a regular file", remedy: "name the configuration file itself")
    }
  }

  private static func readBounded(_ descriptor: Int32, path: String) throws(OperatorFault) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= sizeLimit {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw OperatorFault(.inputOutput, path, "cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw OperatorFault(.configuration, path, "is larger than 1 MiB", remedy: "name the configuration file itself")
  }
}
