// What an account and its domain controller have to be for a rotation, each found apart from the others.

extension Preflight {
  /// Everything that is wrong with the account and the domain controller that it was read from.
  func directoryFaults(_ account: DirectoryAccount) -> [OperatorFault] {
    let subject = "account \(settings.name)"
    let single = [
      readOnlyFault(account), disabledFault(account, subject), resetFault(account, subject), stampFault(account, subject),
    ]
    return writerFaults(account.server) + single.compactMap(\.self) + nameFaults(account, subject)
      + [typesFault(account, subject)].compactMap(\.self)
  }

  /// What keeps passwords from being sent to a domain controller.
  func writerFaults(_ server: DirectoryServer) -> [OperatorFault] {
    var faults: [OperatorFault] = []
    if server.securityStrength < 128 {
      faults.append(
        OperatorFault(
          .permission, server.dnsHostName, "the LDAP connection is sealed with only \(server.securityStrength) bits",
          remedy: "allow AES for the rotator's own account; at least 128 bits are demanded before a password is sent"))
    }
    if settings.requiresPDCEmulator, !server.isPDCEmulator {
      faults.append(
        OperatorFault(
          .configuration, server.dnsHostName, "does not hold the PDC emulator role of \(settings.realm)",
          remedy: "name the PDC emulator under directories.controllers, or name this controller as the writer"))
    }
    if abs(server.clockOffset) > Self.seconds(settings.policy.clockSkew) {
      faults.append(
        OperatorFault(
          .temporary, server.dnsHostName, "its clock is \(Self.offsetText(server.clockOffset)) of ours",
          remedy: "synchronise the clocks; at most \(Int(Self.seconds(settings.policy.clockSkew))) s are tolerated"))
    }
    return faults
  }

  private func readOnlyFault(_ account: DirectoryAccount) -> OperatorFault? {
    let name = account.server.dnsHostName
    guard account.domainControllers.contains(where: { $0.isReadOnly && account.server.isNamed($0.dnsHostName) }) else {
      return nil
    }
    return OperatorFault(
      .configuration, name, "is a read-only domain controller: no password can be set on it",
      remedy: "name a writable one as directories.writer")
  }

  private func disabledFault(_ account: DirectoryAccount, _ subject: String) -> OperatorFault? {
    account.isEnabled ? nil : OperatorFault(.noInput, subject, "is disabled", remedy: "enable \(account.distinguishedName)")
  }

  private func resetFault(_ account: DirectoryAccount, _ subject: String) -> OperatorFault? {
    guard !account.mayResetPassword else { return nil }
    return OperatorFault(
      .permission, subject, "the rotator has no Reset Password right on \(account.distinguishedName)",
      remedy: "grant it on this one object, see 'Install' in the README")
  }

  private func stampFault(_ account: DirectoryAccount, _ subject: String) -> OperatorFault? {
    guard !account.mayWriteStamp else { return nil }
    return OperatorFault(
      .permission, subject,
      "the rotator may not write \(settings.stampAttribute ?? "the stamp") on \(account.distinguishedName)",
      remedy: "grant write on that one attribute, see 'Install' in the README")
  }

  private func nameFaults(_ account: DirectoryAccount, _ subject: String) -> [OperatorFault] {
    let unregistered = settings.unregisteredNames(in: account)
    return settings.servicePrincipalNames.flatMap { name -> [OperatorFault] in
      var faults: [OperatorFault] = []
      if let others = account.conflictingHolders[name.description], !others.isEmpty {
        faults.append(
          OperatorFault(
            .data, "SPN \(name)", "is also on \(others.joined(separator: ", "))",
            remedy: "leave it on \(account.distinguishedName) alone: 'setspn -D' or 'samba-tool spn delete' on the other"))
      }
      if !settings.awaitsNames, unregistered.contains(name) {
        faults.append(
          OperatorFault(
            .noInput, "SPN \(name)", "is not registered on \(account.distinguishedName)",
            remedy: "register it with 'asactl spn add' ('setspn -S'), or take it out of the configuration of \(subject)"))
      }
      return faults
    }
  }

  private func typesFault(_ account: DirectoryAccount, _ subject: String) -> OperatorFault? {
    let attribute = SupportedEncryptionTypes(account.supportedEncryptionTypes)
    guard attribute.permitted.isEmpty else { return nil }
    return OperatorFault(
      .data, subject, "its msDS-SupportedEncryptionTypes \(attribute) permits no type that keys can be made of",
      remedy: "set the attribute to 24 (AES256 and AES128)")
  }
}
