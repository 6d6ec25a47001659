import Foundation
import Glibc
import RotationCore

extension Terminal {
  /// The terminal of this process. Colour only on a terminal, without `NO_COLOR` (no-color.org) and not for `TERM=dumb`.
  package static func process(environment: [String: String]) -> Terminal {
    let onScreen = isatty(STDOUT_FILENO) == 1
    let isDumb = [nil, "", "dumb"].contains(environment["TERM"])
    let keyboard = TerminalKeyboard()
    return Terminal(
      isInteractive: onScreen && isatty(STDIN_FILENO) == 1, canRedraw: onScreen && !isDumb,
      style: TextStyle(isColored: onScreen && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty),
      size: { onScreen ? screenSize() : nil },
      output: { try write($0, to: STDOUT_FILENO) },
      // Nothing can be reported any more when standard error is gone.
      errors: { try? write($0, to: STDERR_FILENO) },
      answer: { try await keyboard.line(after: $0) }, secret: { try await keyboard.secret(after: $0) })
  }

  private static func screenSize() -> ScreenSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return ScreenSize(columns: 80, rows: 24)
    }
    return ScreenSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Writes all of the text, however many calls it takes.
  ///
  /// - Throws: ``OutputClosed`` for EPIPE, else `OperatorFault` of kind `.inputOutput`.
  static func write(_ text: String, to descriptor: Int32) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        bytes = bytes.dropFirst(written)
      } else if errno == EAGAIN {
        try waitUntilWritable(descriptor)
      } else if errno != EINTR {
        throw writingFailed(errno)
      }
    }
  }

  private static func waitUntilWritable(_ descriptor: Int32) throws {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard Glibc.poll(&poll, 1, 60_000) != 0 else { throw writingFailed(ETIMEDOUT) }
  }

  private static func writingFailed(_ code: Int32) -> any Error {
    if code == EPIPE { return OutputClosed() }
    return OperatorFault(
      .inputOutput, "standard output", "cannot be written: \(String(cString: strerror(code)))",
      remedy: "make room where it goes, and look with asactl status at what was done")
  }
}
