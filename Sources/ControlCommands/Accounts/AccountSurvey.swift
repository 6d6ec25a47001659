import RotationCore

/// Gathers everything that is to be shown of one account.
struct AccountSurvey: Sendable {
  let directory: AdministeredDirectory
  let account: AdministeredAccount

  /// Asks every domain controller, and the writer for the rotator's rights.
  func describe() async -> AccountDescriptionDocument {
    let (reference, stamp) = (AccountReference.identified(account.objectGUID), directory.aim.stampAttribute)
    let answers = await directory.everywhere { (port) throws(OperatorFault) in
      try await port.account(reference, stampAttribute: stamp)
    }
    let rights = await rights()
    var document = described()
    document.controllers = answers.map(controller)
    switch rights {
    case .success(let rights): document.rights = RightsDocument(rights)
    case .failure(let fault): document.rightsFault = fault.description
    }
    return document
  }

  private func rights() async -> Result<TrusteeRights, OperatorFault> {
    guard let principal = directory.aim.rotatorPrincipal else {
      return .failure(
        OperatorFault(
          .configuration, "the rotator's principal", "is not known without its configuration", remedy: "name it with --config"))
    }
    do throws(OperatorFault) {
      return .success(
        try await directory.writer.port.rights(
          of: principal, on: account.objectGUID, stampAttribute: directory.aim.stampAttribute))
    } catch { return .failure(error) }
  }

  private func controller(
    _ answer: AdministeredDirectory.Answer<AdministeredAccount?>
  ) -> AccountDescriptionDocument.Controller {
    let found = answer.value ?? nil
    let absent = answer.fault == nil && found == nil ? "does not have the account yet" : nil
    return AccountDescriptionDocument.Controller(
      name: answer.controller, writer: answer.controller == directory.writer.name, version: found?.version?.number,
      passwordLastSet: found?.passwordLastSet, fault: answer.fault?.description ?? absent)
  }

  private func described() -> AccountDescriptionDocument {
    AccountDescriptionDocument(
      account: directory.accountName(account.samAccountName).visible, distinguishedName: account.distinguishedName.visible,
      objectGUID: account.objectGUID, securityIdentifier: account.securityIdentifier, kind: account.kind.rawValue,
      objectClass: account.objectClass.visible, userPrincipalName: account.userPrincipalName?.visible,
      description: account.description?.visible, createdAt: account.createdAt, owner: account.owner?.visible,
      enabled: !account.control.contains(.disabled), lockedOut: account.control.contains(.lockedOut),
      passwordExpired: account.control.contains(.passwordExpired), expires: account.expires, control: account.control.words,
      passwordLastSet: account.passwordLastSet, controllers: [], supportedEncryptionTypes: account.supportedEncryptionTypes,
      encryptionTypes: SupportedEncryptionTypes(account.supportedEncryptionTypes).permitted.map(\.name),
      servicePrincipalNames: account.servicePrincipalNames.map(\.visible), stamp: account.stamp.map { StampDocument($0) },
      rights: nil, rightsFault: nil)
  }
}
