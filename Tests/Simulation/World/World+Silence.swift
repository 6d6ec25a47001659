import Foundation
import RotationCore

// MARK: - A superseded rotator is silent from the moment that it knows

extension RotatorProcess {
  /// The directory has shown the account's stamp, in an answer to this run of the daemon.
  func wasShown(_ stamp: String?) { shown = (stamp, world.now) }
}

extension World {
  func checkMayOrder(_ process: RotatorProcess) {
    guard let stamp = unaccountedStamp(of: process) else { return }
    fail(.supersededIsSilent, "\(process.site.name) gives orders after it was shown \(stamp)")
  }

  /// Only a claim that replaces the very stamp may follow: somebody has ordered a takeover.
  func checkMayWrite(_ modify: Modify, _ process: RotatorProcess) {
    guard let stamp = unaccountedStamp(of: process), modify.expected != stamp.description else { return }
    fail(.supersededIsSilent, "\(process.site.name) sends \(modify.name) \(modify.replacement) after it was shown \(stamp)")
  }

  /// The stamp that the process was shown before this instant, if its store does not know how it came there.
  private func unaccountedStamp(of process: RotatorProcess) -> Stamp? {
    guard let shown = process.shown, shown.time < now, let stamp = shown.stamp.flatMap(Stamp.init),
      let record = process.site.disk.account
    else { return nil }
    var own = [record.knownStamp, record.rotation?.plan.expected]
    if let plan = record.rotation?.plan { own += [plan.claim, plan.done, plan.fence] }
    if own.contains(stamp) { return nil }
    // One that is older says that the directory is behind, not the store.
    if stamp.rotator == process.site.disk.identity.rotator, stamp.epoch < record.knownStamp?.epoch ?? .zero { return nil }
    return stamp
  }
}
