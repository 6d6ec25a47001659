import Configuration
import Kerberos
import RotationCore

extension SlotKeeper {
  /// One checksum per key that the order brought, made with the key as it stands in the installed keytab.
  ///
  /// - Throws: ``OperatorFault`` if a keytab of the account does not hold one of those keys.
  func checksums(for order: SlotOrder, _ slots: NodeSlots) throws(OperatorFault) -> [KeyChecksum] {
    let files = try keytabs.installed(keytabs.principals(of: slots))
    var checksums: [KeyChecksum] = []
    for slot in order.slots {
      for key in slot.keys?.keys ?? [] {
        let installed = try installedKey(like: key, of: slot, in: files)
        let message = KeyChecksum.message(
          nonce: order.nonce, node: configuration.node, rotation: slot.rotation, fingerprint: slot.fingerprint)
        checksums.append(
          KeyChecksum(
            rotation: slot.rotation, encryptionType: key.encryptionType,
            bytes: try KeyedChecksum.make(with: installed, over: message)))
      }
    }
    return checksums
  }

  /// The key of one kvno and encryption type, which has to be the same in every keytab of the account.
  private func installedKey(
    like key: AccountKey, of slot: OrderedSlot, in files: [(path: String, entries: [KeytabEntry])]
  ) throws(OperatorFault) -> AccountKey {
    var installed: AccountKey?
    for file in files {
      let found = file.entries.filter { $0.version == slot.version && $0.key.encryptionType == key.encryptionType }.map(\.key)
      guard let first = found.first, found.allSatisfy({ $0.bytes == (installed ?? first).bytes }) else {
        throw OperatorFault(
          .inputOutput, "keytab \(file.path)",
          "does not hold one key of type \(key.encryptionType) under kvno \(slot.version) for \(slot.rotation)")
      }
      installed = first
    }
    guard let installed else {
      throw OperatorFault(.software, "kvno \(slot.version) of \(slot.rotation)", "is in no keytab of this node")
    }
    return installed
  }
}
