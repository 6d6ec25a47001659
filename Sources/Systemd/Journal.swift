import CSystemd
import Glibc
import PosixStatus

/// Sends entries to the system journal by its native protocol.
enum Journal {
  /// Where journald listens; sd_journal_sendv(3) has the path built in and reports success when nobody is there.
  private static let socketPath = "/run/systemd/journal/socket"

  /// Sends one entry; `false` if no journal took it.
  static func send(_ fields: [JournalField]) -> Bool {
    guard access(socketPath, F_OK) == 0 else { return false }
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for field in fields {
      let start = bytes.count
      bytes += field.encoded
      ranges.append(start..<bytes.count)
    }
    return bytes.withUnsafeMutableBytes { buffer in
      let vectors = ranges.map { range in
        iovec(iov_base: buffer.baseAddress?.advanced(by: range.lowerBound), iov_len: range.count)
      }
      return sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
    }
  }

  /// Whether what is written to standard error ends up in the journal: systemd names the stream's device and inode in
  /// `JOURNAL_STREAM` (systemd.exec(5)), and a redirection since then gives another one.
  static func isStandardError(journalStream: String?) -> Bool {
    guard let journalStream, let status = FileStatus(descriptor: STDERR_FILENO) else { return false }
    return journalStream == "\(status.device):\(status.inode)"
  }
}
