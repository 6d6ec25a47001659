import RotationCore
import Systemd
import Testing

@Suite("Whether the scheduler is alive")
struct StallJudgementTests {
  private let interval = 30.0
  private let startPeriod = 120.0

  private func step(_ phase: String = "loop", deadline: Double) -> DueStep {
    DueStep(account: nil, phase: phase, since: 0, deadline: deadline)
  }

  /// Lets the timer fire in time up to and at `end`.
  private func verdicts(_ judgement: inout StallJudgement, from start: Double, to end: Double) -> [StallJudgement.Verdict] {
    stride(from: start, through: end, by: 10).map { judgement.turned(at: $0) }
  }

  private func judgement(now: Double = 0) -> StallJudgement {
    StallJudgement(interval: interval, startPeriod: startPeriod, now: now)
  }

  @Test("It is asked every third of what systemd waits for")
  func pause() { #expect(judgement().pause == 10) }

  @Test("While every step is inside its deadline it is alive")
  func alive() {
    var judgement = judgement()
    judgement.took([step(deadline: 40), step("staging", deadline: 60)])
    #expect(verdicts(&judgement, from: 10, to: 40) == [.alive, .alive, .alive, .alive])
  }

  @Test("A step past its deadline is named once, then nothing is pinged any more, whatever the scheduler says")
  func stalled() {
    var judgement = judgement()
    judgement.took([step(deadline: 100), step("staging", deadline: 15)])
    #expect(verdicts(&judgement, from: 10, to: 20) == [.alive, .stalled(step("staging", deadline: 15))])
    judgement.took([step(deadline: 1000)])
    #expect(verdicts(&judgement, from: 30, to: 50) == [.ended, .ended, .ended])
  }

  @Test("Of several late steps the one that has been late for longest is named")
  func longestLate() {
    var judgement = judgement()
    judgement.took([step("b", deadline: 6), step("a", deadline: 5), step("c", deadline: 7)])
    #expect(judgement.turned(at: 10) == .stalled(step("a", deadline: 5)))
  }

  @Test("A pulse without the step is in time as long as nobody has judged")
  func recovered() {
    var judgement = judgement()
    judgement.took([step("staging", deadline: 15)])
    #expect(judgement.turned(at: 10) == .alive)
    judgement.took([step(deadline: 60)])
    #expect(judgement.turned(at: 20) == .alive)
  }

  @Test("Before the first pulse the start period is granted, and no more")
  func start() {
    var judgement = judgement(now: 1000)
    #expect(verdicts(&judgement, from: 1010, to: 1120).allSatisfy { $0 == .alive })
    let expected = DueStep(account: nil, phase: StallJudgement.startPhase, since: 1000, deadline: 1120)
    #expect(judgement.turned(at: 1130) == .stalled(expected))
  }

  @Test("A watchdog that was held up grants one more interval, and judges after it")
  func heldUp() {
    var judgement = judgement()
    judgement.took([step(deadline: 25)])
    #expect(judgement.turned(at: 10) == .alive)
    #expect(judgement.turned(at: 500) == .alive)
    #expect(verdicts(&judgement, from: 510, to: 520) == [.alive, .alive])
    #expect(judgement.turned(at: 530) == .stalled(step(deadline: 25)))
  }

  @Test("A scheduler that went on when the process did is alive after the grant")
  func wentOn() {
    var judgement = judgement()
    judgement.took([step(deadline: 25)])
    #expect(judgement.turned(at: 500) == .alive)
    judgement.took([step(deadline: 560)])
    #expect(verdicts(&judgement, from: 510, to: 550).allSatisfy { $0 == .alive })
  }

  @Test("A timer that is late by a third of the interval or less is no excuse", arguments: [10.0, 15, 20])
  func slightlyLate(turn: Double) {
    var judgement = judgement()
    judgement.took([step(deadline: 5)])
    #expect(judgement.turned(at: turn) == .stalled(step(deadline: 5)))
  }
}

@Suite("Showing the scheduler's sentence")
struct StatusPacingTests {
  @Test("The first sentence is shown at once, the same one never again")
  func first() {
    var pacing = StatusPacing()
    #expect(pacing.offered("a", at: 100) == 0)
    #expect(pacing.due(at: 100) == "a")
    #expect(pacing.offered("a", at: 200) == nil)
  }

  @Test("Within a second only the newest is shown, when the second is over")
  func newest() {
    var pacing = StatusPacing()
    _ = pacing.offered("a", at: 100)
    _ = pacing.due(at: 100)
    #expect(pacing.offered("b", at: 100.25) == 0.75)
    #expect(pacing.offered("c", at: 100.5) == nil)
    #expect(pacing.due(at: 101) == "c")
  }

  @Test("A sentence that was taken back within the second is not shown")
  func takenBack() {
    var pacing = StatusPacing()
    _ = pacing.offered("a", at: 100)
    _ = pacing.due(at: 100)
    _ = pacing.offered("b", at: 100.25)
    #expect(pacing.offered("a", at: 100.5) == nil)
    #expect(pacing.due(at: 101) == nil)
    #expect(pacing.offered("b", at: 101.5) == 0)
  }
}
