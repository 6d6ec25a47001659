import Foundation
import RotationCore
import Testing

@Suite("What is remembered of an account")
struct AccountRecordTests {
  private static let hourly = RotationSchedule(policy: RotationPolicy(every: .seconds(3600)), account: Fixture.account)

  private static func boot(_ seconds: TimeInterval) -> BootInstant { BootInstant(boot: "boot-1", seconds: seconds) }

  private func record() -> AccountRecord {
    AccountRecord(account: Fixture.account, firstSeen: Fixture.start, every: .seconds(86_400))
  }

  @Test("The first rotation is due one interval after the account was configured")
  func firstDue() {
    #expect(record().nextDue == Fixture.start.addingTimeInterval(86_400))
  }

  @Test("A changed interval counts from the last success")
  func changedInterval() {
    var record = record()
    record.lastSuccess = Fixture.start.addingTimeInterval(1000)
    record.reckonDue(Self.hourly, at: Fixture.start.addingTimeInterval(2000), boot: Self.boot(0))
    #expect(record.nextDue == Fixture.start.addingTimeInterval(4600))
  }

  @Test("A success dated in the future, by a clock since corrected, counts from now")
  func correctedClock() {
    var record = record()
    record.lastSuccess = Fixture.start.addingTimeInterval(1e9)
    record.reckonDue(Self.hourly, at: Fixture.start, boot: Self.boot(0))
    #expect(record.nextDue == Fixture.start.addingTimeInterval(3600))
  }

  @Test("A clock that is years behind for a while brings no date forward when it is set right")
  func clockBehind() {
    var record = record()
    record.intervalBegan(Self.hourly, at: Fixture.start)
    record.reckonDue(Self.hourly, at: Date(timeIntervalSince1970: 100), boot: Self.boot(0))
    #expect(record.nextDue == Date(timeIntervalSince1970: 3700))
    record.reckonDue(Self.hourly, at: Fixture.start.addingTimeInterval(60), boot: Self.boot(60))
    #expect(record.nextDue == Fixture.start.addingTimeInterval(3600))
  }

  @Test("A clock that was ahead at the last success and was set right puts the next rotation off by no more than an interval")
  func clockAhead() {
    var record = record()
    record.intervalBegan(Self.hourly, at: Fixture.start.addingTimeInterval(604_800))
    record.reckonDue(Self.hourly, at: Fixture.start, boot: Self.boot(0))
    #expect(record.nextDue == Fixture.start.addingTimeInterval(3600))
    record.reckonDue(Self.hourly, at: Fixture.start.addingTimeInterval(604_800), boot: Self.boot(604_800))
    #expect(record.nextDue == Fixture.start.addingTimeInterval(3600))
  }

  @Test("It is read back as it was written, open rotation and all", arguments: RotationMachine.Phase.allCases)
  func coding(phase: RotationMachine.Phase) throws {
    var record = record()
    let script = Script(at: phase)
    record.rotation = script.machine
    record.knownStamp = script.machine.knownStamp
    record.ledger.wasStaged(script.plan, servicePrincipalNames: [try ServicePrincipalName("http/mail.lab.example")])
    #expect(try JSONDecoder().decode(AccountRecord.self, from: JSONEncoder().encode(record)) == record)
  }
}
