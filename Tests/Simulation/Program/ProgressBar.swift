import Foundation
import Synchronization

/// One line on standard error that is drawn again as work goes on; nothing where nobody watches.
final class ProgressBar: Sendable {
  private let total: Int
  private let begin = Date()
  private let drawn = Mutex(-1)
  private let isWatched = isatty(2) == 1

  init(total: Int) { self.total = total }

  func show(_ done: Int) {
    guard isWatched else { return }
    let percent = done * 100 / max(total, 1)
    drawn.withLock { drawn in
      guard percent > drawn else { return }
      drawn = percent
      let bar = String(repeating: "#", count: percent / 4) + String(repeating: ".", count: 25 - percent / 4)
      let line = "\r[\(bar)] \(percent) %  \(done) of \(total) seeds, \(Int(Date().timeIntervalSince(begin))) s "
      FileHandle.standardError.write(Data(line.utf8))
    }
  }

  /// Makes room for a line of output; the bar comes back with the next percent.
  func clear() {
    if isWatched { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  func finish() {
    if isWatched { FileHandle.standardError.write(Data("\n".utf8)) }
  }
}
