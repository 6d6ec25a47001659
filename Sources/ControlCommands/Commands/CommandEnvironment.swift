package import Foundation
import UnixSignals

/// What a command takes from the world around it, so that a test can be that world.
package struct CommandEnvironment: Sendable {
  /// Where it writes and asks.
  package var terminal: Terminal
  /// The clock.
  package var now: @Sendable () -> Date
  /// The time zone that times are shown in.
  package var zone: TimeZone
  /// Returns when the person pressed Ctrl-C (or the process was asked to end).
  package var interruption: @Sendable () async -> Void
  /// Lets another program take this one's place; returns only where a test looks on.
  package var handOver: @Sendable (ProgramCall) throws -> Void

  /// The scrypt cost of a new authority's key.
  package var sealingCost: Int

  /// Makes an environment from its parts.
  package init(
    terminal: Terminal, now: @escaping @Sendable () -> Date, zone: TimeZone, interruption: @escaping @Sendable () async -> Void,
    handOver: @escaping @Sendable (ProgramCall) throws -> Void = { try $0.replaceProcess() }, sealingCost: Int = SealedKey.cost
  ) {
    self.terminal = terminal
    self.now = now
    self.zone = zone
    self.interruption = interruption
    self.handOver = handOver
    self.sealingCost = sealingCost
  }

  /// The environment of this process.
  package static func process() -> CommandEnvironment {
    CommandEnvironment(
      terminal: .process(environment: ProcessInfo.processInfo.environment), now: { Date() }, zone: .current,
      interruption: {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { return }
      })
  }

  /// How this moment's documents show their times.
  var time: LocalTime { LocalTime(zone: zone, now: now()) }
}
