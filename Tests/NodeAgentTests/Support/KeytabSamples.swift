import Foundation
import Kerberos
import RotationCore
import RotationTestSupport

extension Samples {
  static func entry(_ principal: String, _ version: UInt32, _ key: AccountKey, at time: Date = start) -> KeytabEntry {
    KeytabEntry(principal: principal, realm: realm, version: KeyVersion(version), timestamp: time, key: key)
  }

  /// Entries of one kvno as an administrator's keytab has them.
  static func entries(_ version: UInt32, _ keys: AccountKeys, at time: Date = start) -> [KeytabEntry] {
    ["http/mail.lab.example", "EXCH2016ASA$"].flatMap { principal in keys.keys.map { entry(principal, version, $0, at: time) } }
  }
}
