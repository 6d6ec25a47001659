/// Holds the store against the directory before anything is sent.
struct StampCheck {
  let account: AccountName
  let attribute: String
  let rotator: RotatorID
  let known: Stamp?
  let open: RotationMachine?
  /// Whether the store knows which key is Latest.
  let hasLatest: Bool

  /// Throws unless the raw stamp is one that this store can account for.
  func check(_ raw: String?) throws(OperatorFault) {
    if raw == known?.description { return }
    if let open, open.ownStamps.contains(where: { $0.description == raw }) || raw == open.plan.expected?.description { return }
    let subject = "account \(account)"
    guard let raw else {
      throw OperatorFault(
        .data, subject, "its stamp is gone from \(attribute), the store knows '\(known?.description ?? "")'",
        remedy: "find out who cleared it; write the known value back to go on")
    }
    guard let stamp = Stamp(raw) else {
      throw OperatorFault(
        .configuration, subject, "its attribute \(attribute) holds a value that is not a stamp",
        remedy: "name a free attribute as stampAttribute of the directory")
    }
    guard stamp.rotator == rotator else {
      throw OperatorFault(
        .temporary, subject, "rotator \(stamp.rotator) holds it (\(stamp.state.rawValue), epoch \(stamp.epoch))",
        remedy: hasLatest
          ? "make sure that it is gone for good, then 'asactl rotate --take-over', or 'asactl credential adopt --from NODE' if it has set a password since"
          : "if that was this rotator before its store was lost, 'asactl credential adopt --from NODE' takes the keys from a node"
      )
    }
    if let known, stamp.epoch < known.epoch {
      throw OperatorFault(
        .data, subject,
        "the directory is behind the store: its stamp is '\(raw)', the store knows '\(known)': this domain controller has not got the last rotation, or was restored from a backup",
        remedy: "wait until it has replicated; if the controller that had it is gone for good: 'asactl dc forget' with its name"
      )
    }
    throw OperatorFault(
      .data, subject,
      "the store is behind the directory: its stamp is '\(raw)', the store knows '\(known?.description ?? "none")'",
      remedy: hasLatest
        ? "bring back the newest store; if it is lost, 'asactl credential adopt --from NODE', or 'asactl rotate --take-over' if the password has not changed since"
        : "bring back the newest store; if it is lost, 'asactl credential adopt --from NODE' takes the keys from a node")
  }
}

extension AccountRecord {
  /// Whether a raw stamp is an earlier one of our own: it tells of a domain controller that is behind, or was restored from a backup.
  func isOutdated(_ raw: String?, rotator: RotatorID) -> Bool {
    guard let knownStamp, let stamp = raw.flatMap(Stamp.init) else { return false }
    return stamp.rotator == rotator && knownStamp.follows(stamp)
  }
}
