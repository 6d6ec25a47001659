package import Configuration
package import Kerberos
import PosixStatus
package import RotationCore

/// How a keytab differs from what its agent last left.
package struct KeytabDeviation: Sendable, Equatable {
  /// The class.
  package var kind: KeytabDrift.Kind
  /// What exactly, without any key.
  package var problem: String
}

extension KeytabInstaller {
  /// What is wrong with a keytab that shall hold `entries`; `nil` if nothing is.
  ///
  /// - Throws: ``OperatorFault`` if there is something that cannot be read as a keytab.
  package func deviation(
    from entries: [KeytabEntry], at keytab: KeytabConfiguration
  ) throws(OperatorFault) -> KeytabDeviation? {
    guard let status = FileStatus(path: keytab.path) else { return KeytabDeviation(kind: .missing, problem: "it was missing") }
    let found = try read(keytab.path)
    let lacking = entries.count { entry in !found.contains { $0.isSame(as: entry) } }
    let extra = found.count { entry in !entries.contains { $0.isSame(as: entry) } }
    if lacking > 0 || extra > 0 || found.count != entries.count {
      return KeytabDeviation(
        kind: .contents, problem: "it lacked \(lacking) of \(entries.count) entries and held \(extra) that were not its own")
    }
    let wanted = try ownership(of: keytab)
    guard !has(wanted, keytab.path) else { return nil }
    let problem =
      status.mode == keytab.mode
      ? "its owner or group was \(status.user):\(status.group)"
      : "its mode was \(Self.octal(status.mode)), not \(Self.octal(keytab.mode))"
    return KeytabDeviation(kind: .permissions, problem: problem)
  }

  private static func octal(_ mode: some BinaryInteger) -> String { "0" + String(mode, radix: 8) }
}
