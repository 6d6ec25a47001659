import RotationCore

/// Grants the rights that a rotator needs on one object, or takes them back.
struct AccountDelegation: Sendable {
  let directory: AdministeredDirectory
  let account: AdministeredAccount
  let principal: String
  let rights: Set<DelegatedRight>
  let isRemoving: Bool

  /// What is there, and what is to change of it.
  ///
  /// - Throws: ``OperatorFault``: `.noInput` if there is no such principal.
  func plan() async throws(OperatorFault) -> DelegationDocument {
    let found = try await directory.writer.port.rights(
      of: principal, on: account.objectGUID, stampAttribute: directory.aim.stampAttribute)
    let changes = isRemoving ? rights.intersection(found.own) : rights.subtracting(found.own)
    var document = document(found)
    (document.changes, document.unchanged) = (changes.names, rights.subtracting(changes).names)
    return document
  }

  /// Changes the object's permissions as planned.
  ///
  /// - Throws: As ``DirectoryAdministering/grant(_:to:on:stampAttribute:)``.
  func carryOut(_ plan: DelegationDocument) async throws(OperatorFault) -> DelegationDocument {
    let changes = rights.filter { plan.changes.contains($0.rawValue) }
    let (port, stamp) = (directory.writer.port, directory.aim.stampAttribute)
    let after =
      isRemoving
      ? try await port.revoke(changes, from: principal, on: account.objectGUID, stampAttribute: stamp)
      : try await port.grant(changes, to: principal, on: account.objectGUID, stampAttribute: stamp)
    var document = document(after)
    (document.changes, document.unchanged, document.dryRun) = (plan.changes, plan.unchanged, false)
    return document
  }

  /// Says so if the result is not what was asked for.
  ///
  /// - Throws: ``OperatorFault`` of kind `.permission`.
  func check(_ document: DelegationDocument) throws(OperatorFault) {
    let words = { (rights: Set<DelegatedRight>) in rights.words(stampAttribute: directory.aim.stampAttribute) }
    let effective = Set(document.effective.compactMap(DelegatedRight.init(rawValue:)))
    let wrong = isRemoving ? rights.intersection(effective) : rights.subtracting(effective)
    guard !wrong.isEmpty else { return }
    let (problem, cause) =
      isRemoving
      ? ("still has \(words(wrong)) on \(document.account)", "another entry, or a group that it is in, grants it")
      : ("does not have \(words(wrong)) on \(document.account)", "an entry that refuses stands before those that were made")
    throw OperatorFault(
      .permission, document.trustee, "\(problem): \(cause)",
      remedy: "look at the object's permissions in the Security tab, or with samba-tool dsacl get")
  }

  private func document(_ found: TrusteeRights) -> DelegationDocument {
    DelegationDocument(
      account: directory.accountName(account.samAccountName).visible, distinguishedName: account.distinguishedName.visible,
      trustee: found.trustee.name.visible, remove: isRemoving, changes: [], unchanged: [], effective: found.effective.names,
      excess: found.excess.map(RightsDocument.Excess.init), dryRun: true)
  }
}
