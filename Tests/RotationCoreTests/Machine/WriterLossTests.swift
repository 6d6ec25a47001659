import RotationCore
import Testing

@Suite("A writer that is gone for good")
struct WriterLossTests {
  private static func loss() throws -> WriterLoss {
    var successor = Script().plan.writer
    successor.dnsHostName = "dc2.lab.example"
    successor.serviceIdentity = "dc2"
    return WriterLoss(
      successor: successor, stamp: Script.formerStamp, version: KeyVersion(7), epoch: Epoch(era: 2, number: 1))
  }

  @Test(
    "From the claim on nothing is fenced or un-staged any more: the rotation ends and leaves its key to be kept",
    arguments: [RotationMachine.Phase.claiming, .staging, .committing, .outcomeUnknown, .fencing, .checking])
  func undecided(phase: RotationMachine.Phase) throws {
    var script = Script(at: phase)
    #expect(script.after(.writerWasLost(try Self.loss())) == ["failed, left to another"])
    #expect(script.machine.knownStamp == Script.formerStamp)
    #expect(script.plan.writer.dnsHostName == "dc2.lab.example")
  }

  @Test("A plan that was never claimed is given up with nothing changed")
  func planned() throws {
    var script = Script(at: .planned)
    #expect(script.after(.writerWasLost(try Self.loss())) == ["failed, password as it was"])
  }

  @Test("Behind a fence that stands, un-staging goes on")
  func unstaging() throws {
    var script = Script(at: .unstaging)
    #expect(script.after(.writerWasLost(try Self.loss())) == [])
    #expect(script.after(.nodeRestored(script.plan.participants[0])) == [])
  }

  @Test("After the proof that the directory had the key, the password counts as changed")
  func proving() throws {
    var script = Script(at: .proving)
    #expect(script.after(.writerWasLost(try Self.loss())) == ["failed, password new"])
  }
}
