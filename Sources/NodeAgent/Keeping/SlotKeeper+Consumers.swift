import Configuration
import Logging
import RotationCore

/// The programs that cache a keytab: what they have loaded, and their turn to load it anew.
extension SlotKeeper {
  /// Goes on from what consumers had loaded before the agent was started again in the same boot.
  func recallConsumers() {
    consumers.hold(accounts, of: configuration.keytabs)
    var record: ConsumerRecord?
    do throws(OperatorFault) {
      if let boot { record = try ConsumerRecord.load(consumerRecordPath, boot: boot) }
    } catch {
      logger.warning("\(error); consumers are taken to have read their keytabs as they are")
    }
    consumers.recall(record?.loaded ?? [:])
    rememberConsumers()
  }

  /// Takes note of what the node holds now.
  func noteConsumers() {
    consumers.hold(accounts, of: configuration.keytabs)
    readiness.serve(allBut: consumers.unserved)
  }

  /// Takes the node out of service for the consumers that lack a key.
  ///
  /// - Returns: Them, and whether the node was in service.
  func beginTurn(drains: Bool) -> (consumers: [ConsumerConfiguration], wasInService: Bool) {
    let pending = consumers.pending
    let wasInService = readiness.isInService
    guard !pending.isEmpty else { return ([], wasInService) }
    consumers.began(pending)
    readiness.isDrained = drains
    updateReadiness()
    sendReports()
    return (pending, wasInService && drains)
  }

  /// What the keytabs of a consumer hold before it is told to read them.
  func keys(of consumer: ConsumerConfiguration) -> Set<ConsumerLedger.LoadedKey> { consumers.keys(of: consumer) }

  /// A consumer was told to read its keytabs.
  func consumerWasRenewed(
    _ consumer: ConsumerConfiguration, _ keys: Set<ConsumerLedger.LoadedKey>, _ result: Result<Void, OperatorFault>
  ) {
    switch result {
    case .success:
      consumers.hasLoaded(consumer, keys)
      rememberConsumers()
      journal.event(.notice, of: "consumer \(consumer.name)", "consumer \(consumer.name) has loaded the new keys")
    case .failure(let fault):
      consumers.failed(consumer, because: "\(fault.problem)")
      rememberConsumers()
      journal.state(.error, of: "consumer \(consumer.name)", "\(fault)")
    }
  }

  /// Puts the node back into service, if nothing else keeps it out.
  ///
  /// - Returns: Whether it is.
  func endDraining() -> Bool {
    readiness.isDrained = false
    noteConsumers()
    updateReadiness()
    return readiness.isInService
  }

  /// The turn is over; the rotators are told what became of it.
  func endTurn() {
    consumers.ended()
    sendReports()
  }

  private func sendReports() {
    for account in accounts { rotators.send(report(on: account.account)) }
  }

  private func rememberConsumers() {
    guard let boot, !configuration.consumers.isEmpty else { return }
    do throws(OperatorFault) {
      try ConsumerRecord(boot: boot, loaded: consumers.loaded).save(consumerRecordPath)
    } catch {
      journal.state(.error, of: "consumer record", "\(error)")
    }
  }
}
