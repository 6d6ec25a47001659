import Foundation
import RotationCore

// MARK: - A superseded rotator is silent from the moment that it knows

extension RotatorProcess {
  /// How long the rest of a look at the account may take whose first part has read the stamp.
  static let look = 12.0

  /// The directory has shown the account's stamp; what else is asked with it may take that long.
  func wasShown(_ stamp: String?, rest: Double) { shown = (stamp, world.now + rest) }
}

extension World {
  func checkMayOrder(_ process: RotatorProcess) {
    guard let stamp = unaccountedStamp(of: process) else { return }
    fail(.supersededIsSilent, "\(process.site.name) gives orders after it was shown \(stamp)")
  }

  /// Nothing is written unseen. A claim, which is compared with the stamp that stands, may cross what says that it comes too late.
  func checkMayWrite(_ modify: Modify, _ process: RotatorProcess) {
    if process.shown == nil {
      fail(.supersededIsSilent, "\(process.site.name) sends \(modify.name) \(modify.replacement) before it has read the stamp")
    }
    guard modify.name != "claimed", let stamp = unaccountedStamp(of: process) else { return }
    fail(.supersededIsSilent, "\(process.site.name) sends \(modify.name) \(modify.replacement) after it was shown \(stamp)")
  }

  /// The stamp that the process knows of, if its store does not know how it came there.
  private func unaccountedStamp(of process: RotatorProcess) -> Stamp? {
    guard let shown = process.shown, shown.time < now, let stamp = shown.stamp.flatMap(Stamp.init),
      let record = process.site.disk.account
    else { return nil }
    // A takeover that a person has ordered reads the stamp long before its preflight ends.
    if record.openAttempt != nil { return nil }
    var own = [record.knownStamp, record.rotation?.plan.expected]
    if let plan = record.rotation?.plan { own += [plan.claim, plan.done, plan.fence] }
    if own.contains(stamp) { return nil }
    // One that is older says that the directory is behind, not the store.
    if stamp.epoch < record.knownStamp?.epoch ?? .zero { return nil }
    return stamp
  }
}
