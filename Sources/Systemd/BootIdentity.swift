import Foundation

/// Tells one boot of the machine from another.
package enum BootIdentity {
  /// The 128-bit id of this boot, 32 lower-case hexadecimal digits; `nil` where it cannot be learnt.
  ///
  /// - Parameters:
  ///   - environment: `ASA_BOOT_ID` names it where a sandbox hides /proc/sys: the unit sets it to `%b` (systemd.unit(5)).
  ///   - path: Where the kernel tells it (random(4)).
  package static func current(
    environment: [String: String] = ProcessInfo.processInfo.environment, path: String = "/proc/sys/kernel/random/boot_id"
  ) -> String? {
    let text = environment["ASA_BOOT_ID"] ?? (try? String(contentsOfFile: path, encoding: .utf8))
    let digits = (text ?? "").lowercased().filter(\.isHexDigit)
    return digits.count == 32 ? digits : nil
  }
}
