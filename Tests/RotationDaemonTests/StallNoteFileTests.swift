import Foundation
import RotationCore
import RotationDaemon
import Testing

@Suite("The stall note")
struct StallNoteFileTests {
  private func note() throws -> StallNote {
    StallNote(
      step: DueStep(
        account: try AccountName("LAB\\ASA$"), rotation: RotationID("r-1"), phase: "staging",
        node: try NodeName("cas-1.lab.example"), since: 12.5, deadline: 72.25), time: Date(timeIntervalSince1970: 1_700_000_000)
    )
  }

  @Test("A note is taken once, and is private until then")
  func takenOnce() throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let file = StallNoteFile(stateDirectory: directory.path)
    #expect(file.take() == .nothing)
    try file.write(note())
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("stall.json"))
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    #expect(try file.take() == .note(note()))
    #expect(file.take() == .nothing)
  }

  @Test("A newer note replaces one that was not taken")
  func replaced() throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let file = StallNoteFile(stateDirectory: directory.path)
    var newer = try note()
    newer.step.phase = "committing"
    try file.write(note())
    try file.write(newer)
    #expect(file.take() == .note(newer))
  }

  @Test(
    "What is no note is told and removed",
    arguments: ["", "junk", "{}", "{\"step\":1,\"time\":2}", String(repeating: "x", count: 70_000)])
  func junk(text: String) throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file("stall.json")))
    let file = StallNoteFile(stateDirectory: directory.path)
    guard case .unreadable(let fault) = file.take() else {
      Issue.record("not told")
      return
    }
    #expect(fault.subject.contains(directory.file("stall.json")))
    #expect(file.take() == .nothing)
  }

  @Test("A link is not followed, and is removed")
  func link() throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let other = StallNoteFile(stateDirectory: directory.file("other"))
    try FileManager.default.createDirectory(atPath: directory.file("other"), withIntermediateDirectories: false)
    try other.write(note())
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("stall.json"), withDestinationPath: directory.file("other/stall.json"))
    let file = StallNoteFile(stateDirectory: directory.path)
    guard case .unreadable = file.take() else {
      Issue.record("followed")
      return
    }
    #expect(file.take() == .nothing)
    #expect(try other.take() == .note(note()))
  }

  @Test("Where no note can be left, the fault names the file")
  func unwritable() throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let file = StallNoteFile(stateDirectory: directory.file("absent"))
    let fault = #expect(throws: OperatorFault.self) { try file.write(note()) }
    #expect(fault?.subject.contains("absent/stall.json") == true)
  }
}
