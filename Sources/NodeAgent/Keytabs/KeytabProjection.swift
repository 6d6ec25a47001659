import Configuration
import Foundation
package import Kerberos
package import RotationCore

/// What a keytab file shall hold: a pure function of the slots.
package enum KeytabProjection {
  /// One account's part of a file.
  package struct Part: Sendable {
    /// What the node holds for the account.
    package var slots: NodeSlots
    /// The SPNs to write; `nil`: all that the rotator names.
    package var servicePrincipalNames: [ServicePrincipalName]?

    /// Makes a part.
    package init(slots: NodeSlots, servicePrincipalNames: [ServicePrincipalName]?) {
      self.slots = slots
      self.servicePrincipalNames = servicePrincipalNames
    }
  }

  /// Every SPN (in each of its spellings) x slot x encryption type, newest slot first, strongest type first; and the account's own
  /// principal for the proven Latest slot and older ones: `kinit -k` takes the highest kvno of a principal, and a staged one fails.
  ///
  /// - Parameters:
  ///   - parts: The accounts that name the file.
  ///   - carried: Entries of accounts that no order has come for yet, to be kept as they are.
  ///   - path: The file, for the fault.
  /// - Throws: ``OperatorFault`` of kind `.configuration` if two keys meet under one principal, kvno and encryption type.
  package static func entries(
    of parts: [Part], carrying carried: [KeytabEntry], path: String
  ) throws(OperatorFault) -> [KeytabEntry] {
    var projected: [KeytabEntry] = []
    for entry in parts.flatMap(entries(of:)) + carried {
      guard let same = projected.first(where: { $0.isSamePlace(as: entry) }) else {
        projected.append(entry)
        continue
      }
      guard same.key.bytes == entry.key.bytes else { throw twoKeys(entry, path: path) }
    }
    return projected
  }

  private static func entries(of part: Part) -> [KeytabEntry] {
    let slots = part.slots
    let names = (part.servicePrincipalNames ?? slots.servicePrincipalNames).flatMap(\.keytabSpellings)
    let shared = slots.slots.flatMap { slot in names.flatMap { slot.entries(for: $0, realm: slots.realm) } }
    guard let latest = slots.latest, latest.isProven else { return shared }
    // An acceptor may go by that name, and clients hold tickets under the older keys.
    let known = slots.slots.filter { $0.position != .next && $0.version <= latest.version }
    return shared + known.flatMap { $0.entries(for: slots.account.samAccountName, realm: slots.realm) }
  }

  private static func twoKeys(_ entry: KeytabEntry, path: String) -> OperatorFault {
    OperatorFault(
      .configuration, "keytab \(path)",
      "would hold two keys for \(entry.principal)@\(entry.realm) under kvno \(entry.version) and encryption type "
        + "\(entry.key.encryptionType)",
      remedy: "give the accounts keytabs of their own, or take the SPN from one of them")
  }
}

extension HeldSlot {
  /// The slot's keys under one principal.
  fileprivate func entries(for principal: String, realm: Realm) -> [KeytabEntry] {
    keys.keys.map { key in
      KeytabEntry(principal: principal, realm: realm, version: version, timestamp: setAt, key: key)
    }
  }
}

extension KeytabEntry {
  /// Whether an acceptor cannot tell the two apart but by their keys.
  func isSamePlace(as other: KeytabEntry) -> Bool {
    principal == other.principal && realm == other.realm && version == other.version
      && key.encryptionType == other.key.encryptionType
  }

  /// Whether the two differ at most in their time stamps.
  func isSame(as other: KeytabEntry) -> Bool { isSamePlace(as: other) && key.bytes == other.key.bytes }
}
