import AgentService
import Configuration
import Foundation
import Logging
import RotationCore
import Systemd

/// Takes a changed `rotator.yaml`, whole or not at all, while the daemon runs.
actor ConfigurationReloader {
  private let path: String
  private let agents: AgentService
  private let scheduler: RotationScheduler
  private let logger: Logger
  private let notifier: ServiceNotifier
  private var current: RotatorConfiguration
  private var isReloading = false

  init(
    path: String, current: RotatorConfiguration, agents: AgentService, scheduler: RotationScheduler, notifier: ServiceNotifier,
    logger: Logger
  ) {
    self.path = path
    self.current = current
    self.agents = agents
    self.scheduler = scheduler
    self.notifier = notifier
    self.logger = logger
  }

  /// Reads the file again and puts it into force.
  ///
  /// - Returns: What changed, one sentence each.
  /// - Throws: ``ReloadRefusal``: the faults of the file, what cannot change while the daemon runs, or what stands in the way; nothing of
  ///   the file is in force then.
  func reload() async throws(ReloadRefusal) -> [String] {
    guard !isReloading else {
      throw ReloadRefusal(OperatorFault(.temporary, path, "is being reloaded already", remedy: "try again in a moment"))
    }
    isReloading = true
    notifier.reloading()
    defer { isReloading = false }
    do throws(ReloadRefusal) {
      let changes = try await apply()
      scheduler.note(record(.configurationReloaded, "\(path) was reloaded: \(Self.sentence(changes))."))
      notifier.ready(status: await scheduler.statusSentence())
      return changes
    } catch {
      scheduler.note(
        record(.configurationRefused, "\(path) was refused, the configuration before it stays in force: \(error.sentence)."))
      notifier.ready(status: await scheduler.statusSentence())
      throw error
    }
  }

  private func apply() async throws(ReloadRefusal) -> [String] {
    let changed: RotatorConfiguration
    do throws(ConfigurationFaults) { changed = try RotatorConfiguration.check(path: path).get() } catch {
      throw ReloadRefusal(faults: error.all)
    }
    do throws(OperatorFault) { return try await apply(changed) } catch { throw ReloadRefusal(error) }
  }

  private func apply(_ changed: RotatorConfiguration) async throws(OperatorFault) -> [String] {
    try ConfigurationDifference.checkReloadable(from: current, to: changed)
    let composition = DaemonComposition(configuration: changed, logger: logger)
    let accounts = try await composition.managedAccounts()
    let prepared = try agents.prepare(
      bindings: composition.bindings(), certificate: changed.agents.certificate, privateKey: changed.agents.privateKey,
      certificateAuthority: changed.agents.certificateAuthority)
    try await scheduler.reload(accounts)
    await agents.apply(prepared)
    let sentences = ConfigurationDifference.sentences(from: current, to: changed)
    current = changed
    return sentences
  }

  private static func sentence(_ changes: [String]) -> String {
    changes.isEmpty ? "it says what it said before" : changes.joined(separator: "; ")
  }

  private func record(_ kind: RecordKind, _ message: String) -> OutcomeRecord {
    OutcomeRecord(kind: kind, time: Date(), account: nil, message: message)
  }
}

/// Why a configuration was refused, one line each; never empty.
struct ReloadRefusal: Error {
  let faults: [OperatorFault]

  init(faults: [OperatorFault]) { self.faults = faults }

  init(_ fault: OperatorFault) { faults = [fault] }

  /// All of it in one line of the journal.
  var sentence: String { faults.map(\.description).joined(separator: "; ") }
}
