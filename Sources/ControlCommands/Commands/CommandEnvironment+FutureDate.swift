import Foundation
import RotationCore

extension CommandEnvironment {
  /// Reads a time that an option names, which must not have passed.
  ///
  /// - Throws: ``OperatorFault`` of kind `.usage`.
  func futureDate(_ text: String, option: String) throws(OperatorFault) -> Date {
    let now = now()
    let date = try MomentText(text, option: option).date(now: now, zone: zone)
    guard date > now else {
      throw OperatorFault(
        .usage, "\(option) '\(text.visible)'", "is not in the future: it is \(time.textWithDistance(date))",
        remedy: "name a later time")
    }
    return date
  }
}
