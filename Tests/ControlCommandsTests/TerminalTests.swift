import ControlCommands
import Foundation
import SecretMemory
import Testing

@Suite("What a person sees and types")
struct TerminalTests {
  @Test(
    "The editing keys of a terminal work without echo",
    arguments: [
      ("abc\r", "abc"), ("abx\u{7F}c\n", "abc"), ("wrong\u{15}right\r", "right"), ("aé\u{08}b\r", "ab"), ("ab\u{04}", "ab"),
    ])
  func editsSecretLine(_ typed: String, _ expected: String) {
    var line = SecretLine(capacity: 64)
    var effects: [SecretLine.Effect] = []
    for byte in typed.utf8 { effects.append(line.accept(byte)) }
    #expect(effects.last == .complete)
    #expect(line.finish().withUnsafeBytes { Array($0) } == Array(expected.utf8))
  }

  @Test("Ctrl-C interrupts, Ctrl-D on an empty line ends")
  func endsSecretLine() {
    var line = SecretLine(capacity: 64)
    #expect(line.accept(0x04) == .ended)
    #expect(line.accept(UInt8(ascii: "a")) == .more)
    #expect(line.accept(0x03) == .interrupted)
  }

  @Test("Bytes beyond the capacity are ignored")
  func boundsSecretLine() {
    var line = SecretLine(capacity: 2)
    for byte in "abc".utf8 { _ = line.accept(byte) }
    #expect(line.finish().count == 2)
  }

  @Test(
    "Distances are in the largest whole unit",
    arguments: [
      (0, "now"), (1, "in 1 second"), (-59, "59 seconds ago"), (3600, "in 1 hour"), (-90000, "1 day ago"),
      (29.9 * 86400, "in 29 days"),
    ] as [(Double, String)])
  func distances(_ seconds: Double, _ expected: String) {
    let time = LocalTime(zone: Sample.zone, now: Sample.now)
    #expect(time.distance(to: Sample.now.addingTimeInterval(seconds)) == expected)
  }

  @Test("Times carry the offset of the zone", arguments: [(0, "2026-11-21 16:00:00Z"), (-12600, "2026-11-21 12:30:00-03:30")])
  func zones(_ offset: Int, _ expected: String) throws {
    let zone = try #require(TimeZone(secondsFromGMT: offset))
    #expect(LocalTime(zone: zone, now: Sample.now).text(Sample.now) == expected)
  }

  @Test("Colour wraps a cell without moving the columns")
  func paddedOutsideColour() {
    var table = TextTable(headings: ["A", "B"])
    table.append([.init("x", .bad), "y"])
    table.append(["long", "z"])
    #expect(
      table.lines(TextStyle(isColored: true)) == [
        "\u{1B}[1mA\u{1B}[0m     \u{1B}[1mB\u{1B}[0m", "\u{1B}[31mx\u{1B}[0m     y", "long  z",
      ])
  }

  @Test("NO_COLOR, TERM=dumb and a pipe each switch colour off")
  func colourOff() {
    // Tests do not run on a terminal: whatever the environment says, output that goes to a pipe is plain.
    let terminal = Terminal.process(environment: ["TERM": "xterm"])
    #expect(terminal.size() == nil || terminal.style.isColored)
    #expect(!Terminal.process(environment: ["TERM": "dumb"]).style.isColored)
    #expect(!Terminal.process(environment: ["TERM": "xterm", "NO_COLOR": "1"]).style.isColored)
  }
}
