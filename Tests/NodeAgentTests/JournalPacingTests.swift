import Logging
import NodeAgent
import Synchronization
import Testing

@Suite("How often the agent says a thing")
struct JournalPacingTests {
  @Test("A state that stays is said once, and again after an hour")
  func reminder() {
    var pacing = JournalPacing(now: 0)
    #expect(pacing.offered("down", at: 0) == .say(unsaid: 0))
    #expect(pacing.offered("down", at: 3599) == .known)
    #expect(pacing.offered("down", at: 3600) == .say(unsaid: 0))
  }

  @Test("What changes all the time is said a few times at once and then every ten minutes, with the number of those left out")
  func flapping() {
    var pacing = JournalPacing(now: 0)
    let verdicts = (0..<4000).map { pacing.offered($0.isMultiple(of: 2) ? "up" : "down", at: Double($0)) }
    let said = verdicts.indices.filter { if case .say = verdicts[$0] { true } else { false } }
    #expect(said == [0, 1, 2, 3, 4, 5, 600, 1201, 1800, 2401, 3000, 3601])
    #expect(verdicts[600] == .say(unsaid: 297))
  }

  @Test("An event is news each time")
  func events() {
    var pacing = JournalPacing(now: 0)
    #expect(pacing.offered(nil, at: 0) == .say(unsaid: 0))
    #expect(pacing.offered(nil, at: 1) == .say(unsaid: 0))
  }

  @Test("The newest state that had no room is said as soon as there is some, unless it is what was said last")
  func catchUp() {
    let log = LogRecord()
    let time = Mutex(0.0)
    let journal = PacedJournal(log.logger, clock: { time.withLock { $0 } })
    for number in 1...8 { journal.state(.info, of: "link", "state \(number)") }
    #expect(log.lines.count == 6)
    journal.catchUp()
    #expect(log.lines.count == 6)
    time.withLock { $0 = 600 }
    journal.catchUp()
    #expect(log.lines.last == "info state 8 (1 other changes before this one were not logged)")
    journal.state(.info, of: "link", "state 9")
    journal.state(.info, of: "link", "state 8")
    time.withLock { $0 = 1800 }
    journal.catchUp()
    #expect(log.lines.count == 7)
  }

  @Test("One thing that flaps leaves room for the others")
  func topics() {
    let log = LogRecord()
    let journal = PacedJournal(log.logger, clock: { 0 })
    for number in 0..<100 { journal.state(.info, of: "link", "state \(number)") }
    journal.state(.error, of: "keytab", "foreign")
    #expect(log.lines.last == "error foreign")
  }
}
