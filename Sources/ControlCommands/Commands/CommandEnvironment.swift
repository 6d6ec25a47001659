import ActiveDirectory
package import Configuration
package import Foundation
import Kerberos
package import RotationCore
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
  /// The name of the credential cache of the person who runs this; `nil` where the site's krb5.conf cannot be read.
  package var ticketCache: String?
  /// Makes the way to one domain controller for commands that administer accounts; nothing is sent yet.
  package var administration: AdministrationFactory

  /// How ``administration`` is made.
  package typealias AdministrationFactory =
    @Sendable (DirectoryAim, DirectoryConfiguration.Controller) throws(OperatorFault) -> any DirectoryAdministering

  /// Makes an environment from its parts.
  package init(
    terminal: Terminal, now: @escaping @Sendable () -> Date, zone: TimeZone, interruption: @escaping @Sendable () async -> Void,
    handOver: @escaping @Sendable (ProgramCall) throws -> Void = { try $0.replaceProcess() }, sealingCost: Int = SealedKey.cost,
    ticketCache: String? = nil,
    administration: @escaping AdministrationFactory = { (aim, controller) throws(OperatorFault) in
      try aim.directory(at: controller)
    }
  ) {
    self.terminal = terminal
    self.now = now
    self.zone = zone
    self.interruption = interruption
    self.handOver = handOver
    self.sealingCost = sealingCost
    self.ticketCache = ticketCache
    self.administration = administration
  }

  /// The environment of this process, which is cut off from the site's Kerberos configuration by that: call it first thing in `main`.
  ///
  /// - Throws: `OperatorFault` of kind `.system`.
  package static func process() throws(OperatorFault) -> CommandEnvironment {
    let ticketCache = DefaultTicketCache.name()
    try ProcessConfiguration.isolate()
    return CommandEnvironment(
      terminal: .process(environment: ProcessInfo.processInfo.environment), now: { Date() }, zone: .current,
      interruption: {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) { return }
      }, ticketCache: ticketCache)
  }

  /// How this moment's documents show their times.
  var time: LocalTime { LocalTime(zone: zone, now: now()) }
}
