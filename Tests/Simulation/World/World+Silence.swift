import Foundation
import RotationCore

// MARK: - A superseded rotator is silent from the moment that it knows

extension RotatorProcess {
  /// How long the rest of a look at the account may take whose first part has read the stamp.
  static let look = 12.0

  /// The directory has shown the account's stamp; what else is asked with it may take that long.
  func wasShown(_ text: String?, rest: Double) {
    if text != shownText { (shownText, shownStamp) = (text, text.flatMap(Stamp.init)) }
    shown = (shownStamp, world.now + rest)
  }
}

extension World {
  func checkMayOrder(_ process: RotatorProcess) {
    if !process.hasAsked { fail(.supersededIsSilent, "\(process.site.name) gives orders before it has asked for the stamp") }
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
    guard let shown = process.shown, shown.time < now, let stamp = shown.stamp else { return nil }
    let site = process.site
    if site.disk.account?.knownStamp == stamp { return nil }
    // The preflight of a takeover that a person has ordered reads the stamp long before it ends.
    guard let record = site.disk.account, record.openAttempt == nil else { return nil }
    if let plan = record.rotation?.plan, [plan.expected, plan.claim, plan.announced, plan.done, plan.fence].contains(stamp) {
      return nil
    }
    // An earlier one of its own says that the directory is behind, not the store.
    return stamp.rotator == site.disk.identity.rotator && record.knownStamp?.follows(stamp) == true ? nil : stamp
  }
}
