import Glibc
import PosixStatus
import RotationCore
import SecretMemory

/// A file that holds secrets: read into secret memory, replaced atomically from it.
enum SecretFile {
  static func read(_ path: String, subject: String, sizeLimit: Int) throws(OperatorFault) -> SecretBytes {
    // O_NONBLOCK: a FIFO at the path must be refused, not waited for.
    guard let file = FileDescriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) else {
      throw .reading(subject, errno)
    }
    guard let status = FileStatus(descriptor: file.number) else { throw .reading(subject, errno) }
    guard status.kind == .regular else { throw OperatorFault(.data, subject, "is not a regular file") }
    guard status.size <= sizeLimit else {
      throw OperatorFault(.data, subject, "is \(status.size) bytes long, more than the \(sizeLimit) that are read")
    }
    return try SecretBytes(count: status.size) { (destination) throws(OperatorFault) in
      try fill(destination, from: file, subject)
    }
  }

  private static func fill(
    _ destination: UnsafeMutableRawBufferPointer, from file: borrowing FileDescriptor, _ subject: String
  ) throws(OperatorFault) {
    let number = file.number
    var rest = destination[...]
    while !rest.isEmpty {
      let part = UnsafeMutableRawBufferPointer(rebasing: rest)
      let count = retryingInterrupted { Glibc.read(number, part.baseAddress, part.count) }
      guard count >= 0 else { throw .reading(subject, errno) }
      guard count > 0 else { throw OperatorFault(.inputOutput, subject, "became shorter while it was read") }
      rest = rest.dropFirst(count)
    }
  }

  static func replace(
    _ path: String, with contents: SecretBytes, subject: String, ownership: FileOwnership
  ) throws(OperatorFault) {
    let replacement = try FileReplacement(of: path, subject: subject)
    try replacement.perform(with: contents, ownership: ownership)
  }
}

extension OperatorFault {
  fileprivate static func reading(_ subject: String, _ code: Int32) -> OperatorFault {
    let reason = String(cString: strerror(code))
    return switch code {
    case ENOENT, ENOTDIR: OperatorFault(.noInput, subject, "does not exist", remedy: "check the path")
    case EACCES, EPERM:
      OperatorFault(.permission, subject, "cannot be read: \(reason)", remedy: "let user \(geteuid()) read it")
    default: OperatorFault(.inputOutput, subject, "cannot be read: \(reason)")
    }
  }
}
