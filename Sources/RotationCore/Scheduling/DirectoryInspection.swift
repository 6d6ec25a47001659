/// What a look at the directory between rotations found wrong.
struct DirectoryFinding: Sendable, Equatable, Codable {
  /// The kinds of trouble.
  enum Kind: String, Sendable, Codable {
    /// The domain controller cannot be asked.
    case unreachable
    /// It answers, and the account or the controller is not as it should be.
    case drift
  }

  var kind: Kind
  var fault: OperatorFault
  /// The domain controller, where it is known.
  var domainController: String?

  /// Whether this is the same trouble, whatever the numbers in its wording.
  func isSame(as other: DirectoryFinding) -> Bool {
    kind == other.kind && fault.kind == other.fault.kind && fault.subject == other.fault.subject
      && fault.remedy == other.fault.remedy
  }
}

/// Looks at the account between rotations, so that what would fail the next one, or already refuses clients, is told when it happens and not
/// when the next rotation is due. It changes nothing.
struct DirectoryInspection: Sendable {
  let preflight: Preflight
  let record: AccountRecord
  let rotator: RotatorID

  /// What is wrong; `nil` if nothing is.
  func run() async -> DirectoryFinding? {
    let account: DirectoryAccount
    do throws(OperatorFault) {
      account = try await preflight.settings.directory.readAccount(preflight.settings.query(objectGUID: record.objectGUID))
    } catch {
      return DirectoryFinding(kind: error.mayPassByItself ? .unreachable : .drift, fault: error)
    }
    do throws(OperatorFault) {
      try preflight.checkSuccession(account, record: record)
      try preflight.checkDirectory(account)
      try preflight.checkStamp(account, record: record, rotator: rotator)
      try checkVersion(account)
      return nil
    } catch {
      return DirectoryFinding(kind: .drift, fault: error, domainController: account.server.dnsHostName)
    }
  }

  private func checkVersion(_ account: DirectoryAccount) throws(OperatorFault) {
    guard let latest = record.ledger.latest, latest.version != account.version else { return }
    throw OperatorFault(
      .data, "account \(record.account)",
      "the directory has kvno \(account.version), the nodes' Latest is kvno \(latest.version): somebody else set the password, and nodes refuse clients that come with new tickets",
      remedy: "'asactl rotate' sets a password of ours and ends that; then find out who it was")
  }
}
