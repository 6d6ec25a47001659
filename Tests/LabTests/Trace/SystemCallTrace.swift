import Foundation

/// One system call of a trace.
struct SystemCall: Sendable {
  let name: String
  /// The path or the connection that its first argument stands for: `/a/rotator.db-wal`, `TCP:[127.0.0.1:1->127.0.0.1:2]`.
  let target: String
  /// What its arguments and results hold, one after the other.
  let bytes: Data
  /// What it returned; `nil` if the trace ends before that.
  let result: Int?
  /// The line at which it began.
  let begin: Int
  /// The line at which it returned.
  let end: Int

  var isFlush: Bool { result == 0 && (name == "fsync" || name == "fdatasync") }
}

/// What `strace -f -yy -xx` wrote. Its lines are in the order in which calls began and returned, over all threads.
struct SystemCallTrace: Sendable {
  /// The options of strace that this reads, apart from the calls and the file.
  static let options = ["-f", "-yy", "-xx", "-s", "16384"]

  let calls: [SystemCall]

  init(_ text: String) {
    var calls: [SystemCall] = []
    var unfinished: [Substring: (text: Substring, line: Int)] = [:]
    for (number, line) in text.split(separator: "\n").enumerated() {
      guard let space = line.firstIndex(of: " ") else { continue }
      let (thread, rest) = (line[..<space], line[space...].drop { $0 == " " })
      if rest.hasSuffix("<unfinished ...>") {
        unfinished[thread] = (rest.dropLast("<unfinished ...>".count), number)
      } else if rest.hasPrefix("<... ") {
        guard let start = unfinished.removeValue(forKey: thread), let end = rest.range(of: " resumed>") else { continue }
        calls.append(Self.call(String(start.text) + rest[end.upperBound...], begin: start.line, end: number))
      } else if rest.contains("(") {
        calls.append(Self.call(String(rest), begin: number, end: number))
      }
    }
    // One that never returned has happened all the same.
    for start in unfinished.values { calls.append(Self.call(String(start.text), begin: start.line, end: .max)) }
    self.calls = calls.sorted { $0.begin < $1.begin }
  }

  private static func call(_ text: String, begin: Int, end: Int) -> SystemCall {
    let name = String(text.prefix { $0 != "(" })
    let arguments = text.dropFirst(name.count + 1)
    var target = ""
    // `->` of a connection is inside its brackets.
    if let open = arguments.firstIndex(of: "<"),
      let close = arguments[open...].range(of: ">,") ?? arguments[open...].range(of: ">)")
        ?? arguments[open...].range(of: "> ")
    {
      let inside = arguments[arguments.index(after: open)..<close.lowerBound]
      target = inside.hasPrefix("\\x") ? String(decoding: unescaped(inside), as: UTF8.self) : String(inside)
    }
    let result = text.range(of: ") = ", options: .backwards).flatMap {
      Int(text[$0.upperBound...].prefix { "-0123456789".contains($0) })
    }
    return SystemCall(name: name, target: target, bytes: quoted(in: arguments), result: result, begin: begin, end: end)
  }

  /// The bytes of every quoted string.
  private static func quoted(in text: Substring) -> Data {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().reduce(into: Data()) { bytes, part in
      if part.offset % 2 == 1 { bytes.append(unescaped(part.element)) }
    }
  }

  /// What is not `\xHH` stands for itself: strace adds notes such as the kind of a device.
  private static func unescaped(_ text: Substring) -> Data {
    let source = Array(text.utf8)
    var bytes = Data(capacity: source.count / 4)
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "\\"), index + 3 < source.count, let high = digit(source[index + 2]),
        let low = digit(source[index + 3])
      {
        bytes.append(high << 4 | low)
        index += 4
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
