import ActiveDirectory
import RotationCore
import Testing

@Suite("Claims that race at a real domain controller", .enabled(if: DirectoryLab.isRunning))
struct DirectoryRaceLabTests {
  static let races = 50

  @Test(
    "Of two claims from one stamp, or from none, exactly one is applied, and the other is shown the winner's",
    arguments: [true, false])
  func race(isStampThere: Bool) async throws {
    let writers = try [DirectoryLab.writer(), DirectoryLab.writer()]
    let lab = try LabAccount()
    let query = try await lab.boundQuery(over: writers[0])
    let version = try await writers[0].readState(of: query).version
    var wins = [0, 0]
    var standing: Stamp?
    for number in 1...UInt64(Self.races) {
      if standing == nil, isStampThere {
        standing = DirectoryWritingLabTests.stamp(1)
        try lab.change("add: adminDescription\nadminDescription: \(standing?.description ?? "")")
      }
      let stamps = [DirectoryWritingLabTests.stamp(number + 1), DirectoryWritingLabTests.stamp(number + 1)]
      let answers = await Self.claims(writers, query, from: standing, to: stamps)
      let winners = answers.indices.filter { answers[$0] == .applied }
      let winner = try #require(winners.count == 1 ? winners.first : nil, "race \(number): \(answers)")
      guard case .refused(let refusal, let state) = answers[1 - winner] else {
        Issue.record("race \(number): \(answers[1 - winner])")
        return
      }
      #expect(refusal.reason == .stampMismatch)
      #expect(state == AccountState(stamp: stamps[winner].description, version: version))
      wins[winner] += 1
      standing = isStampThere ? stamps[winner] : nil
      if !isStampThere { try lab.change("delete: adminDescription") }
    }
    #expect(wins.reduce(0, +) == Self.races)
  }

  private static func claims(
    _ writers: [ActiveDirectoryClient], _ query: AccountQuery, from expected: Stamp?, to stamps: [Stamp]
  ) async -> [DirectoryWriteAnswer] {
    async let first = writers[0].swapStamp(of: query, from: expected, to: stamps[0])
    async let second = writers[1].swapStamp(of: query, from: expected, to: stamps[1])
    return [await first, await second]
  }
}
