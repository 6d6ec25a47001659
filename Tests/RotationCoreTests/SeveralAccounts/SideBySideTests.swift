import Foundation
import RotationCore
import RotationTestSupport
import Testing

@Suite("The scheduler: two accounts", .timeLimit(.minutes(1)))
struct SideBySideTests {
  @Test(
    "While one account's domain controller keeps its rotation waiting the other account is rotated, and the first not twice")
  func oneWaits() async throws {
    let worlds = try PairedWorlds()
    worlds.first.directory.script(.claim, .hung(applied: false))
    try await worlds.whileRunning { scheduler in
      _ = scheduler.rotate(worlds.first.account, isDryRun: false)
      try await worlds.first.trace.first { if case .hung(.claim) = $0 { true } else { false } }

      let other = await worlds.second.rotate(on: scheduler).ending
      #expect(other?.outcome == .succeeded)
      let again = await worlds.first.rotate(on: scheduler).refusal
      #expect(again?.kind == .temporary)
      #expect(again?.problem.contains("is in progress (claiming)") == true)
      #expect(await scheduler.snapshot().map(\.phase) == ["claiming", "idle"])
    }
    #expect(worlds.first.directory.account.version == KeyVersion(7))
    #expect(worlds.second.directory.account.version == KeyVersion(8))
  }

  @Test("Rotations of both that are asked for at once both succeed", arguments: [false, true])
  func atOnce(sharingNodes: Bool) async throws {
    let worlds = try PairedWorlds(sharingNodes: sharingNodes)
    try await worlds.whileRunning { scheduler in
      async let one = worlds.first.rotate(on: scheduler)
      async let other = worlds.second.rotate(on: scheduler)
      #expect(await one.ending?.outcome == .succeeded)
      #expect(await other.ending?.outcome == .succeeded)
    }
    #expect(worlds.first.directory.account.version == KeyVersion(8))
    #expect(worlds.second.directory.account.version == KeyVersion(8))
  }

  @Test("A domain controller that does not answer fails the rotation of its own account alone")
  func oneIsAway() async throws {
    let worlds = try PairedWorlds(sharingNodes: true)
    worlds.first.directory.setReachable(false)
    try await worlds.whileRunning { scheduler in
      #expect(await worlds.first.rotate(on: scheduler).ending?.outcome == .failed)
      #expect(await worlds.second.rotate(on: scheduler).ending?.outcome == .succeeded)
    }
  }
}
