import Glibc
import RotationCore

/// The faults of files named by a person, by errno.
enum FileFault {
  /// A file that cannot be read.
  static func reading(_ path: String, _ code: Int32) -> OperatorFault {
    switch code {
    case ENOENT, ENOTDIR: OperatorFault(.noInput, path, "does not exist", remedy: "check the path")
    case EACCES, EPERM: OperatorFault(.permission, path, "cannot be read: permission denied", remedy: "run asactl as its owner")
    default: OperatorFault(.inputOutput, path, "cannot be read: \(String(cString: strerror(code)))")
    }
  }

  /// A file or directory that cannot be made.
  static func creating(_ path: String, _ code: Int32) -> OperatorFault {
    switch code {
    case EEXIST: OperatorFault(.cannotCreate, path, "exists already", remedy: "move it away, or name another directory")
    case EACCES, EPERM: OperatorFault(.cannotCreate, path, "cannot be created: permission denied", remedy: "run asactl as root")
    default: OperatorFault(.cannotCreate, path, "cannot be created: \(String(cString: strerror(code)))")
    }
  }
}
