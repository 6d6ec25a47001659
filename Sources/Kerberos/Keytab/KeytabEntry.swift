package import Foundation
package import RotationCore

/// One key of one principal, as a keytab holds it.
package struct KeytabEntry: Sendable, Equatable {
  /// The principal without its realm, for example `HTTP/mail.lab.example` or `EXCH2016ASA$`, in libkrb5's spelling: a backslash in front
  /// of a slash, an at sign or a backslash that belongs to a name.
  package var principal: String
  /// The principal's realm.
  package var realm: Realm
  /// The kvno, written in 8 bits and, where those do not hold it, also as the 32-bit tail that MIT and Heimdal read.
  package var version: KeyVersion
  /// When the key was made, to the second.
  package var timestamp: Date
  /// The key.
  package var key: AccountKey

  /// Makes an entry from its parts.
  package init(principal: String, realm: Realm, version: KeyVersion, timestamp: Date, key: AccountKey) {
    self.principal = principal
    self.realm = realm
    self.version = version
    self.timestamp = timestamp
    self.key = key
  }
}

extension KeytabEntry {
  /// What identifies the entry to whoever looks a key up: no two keys may share it.
  struct Identity: Hashable, CustomStringConvertible {
    let principal: String
    let realm: Realm
    let version: KeyVersion
    let encryptionType: Int32

    var description: String { "\(principal)@\(realm) kvno \(version) enctype \(encryptionType)" }
  }

  var identity: Identity {
    Identity(principal: principal, realm: realm, version: version, encryptionType: key.encryptionType)
  }
}
