extension FindingKind {
  /// What is said of findings about the directory; `nil` for the others.
  var directoryEntry: Entry? {
    switch self {
    case .accountMissing:
      .critical(
        "No domain controller that answers has an account of this name.",
        do: "correct the name in the configuration, or make the account with 'asactl account create'")
    case .accountDisabled:
      .critical(
        "A disabled account is not rotated, Windows issues no tickets for it, and nodes cannot sign on as it.",
        do: "enable it: Enable-ADAccount '{ACCOUNT}', or samba-tool user enable '{ACCOUNT}'")
    case .accountExpired:
      .critical(
        "An expired account is like a disabled one.",
        do: "take its date away: Clear-ADAccountExpiration '{ACCOUNT}', or samba-tool user setexpiry '{ACCOUNT}' --noexpiry")
    case .accountExpiring:
      .warning(
        "The account expires within 30 days.",
        do: "take its date away: Clear-ADAccountExpiration '{ACCOUNT}', or samba-tool user setexpiry '{ACCOUNT}' --noexpiry")
    case .accountLocked:
      .warning(
        "Somebody tries passwords on it. Clients are accepted all the same, but nodes cannot sign on as the account, which they do while no rotator answers.",
        do:
          "find out who it is in the security logs of the domain controllers, then Unlock-ADAccount '{ACCOUNT}' or samba-tool user unlock '{ACCOUNT}'"
      )
    case .accountPasswordExpired:
      .warning(
        "The password has expired, or must be changed at the next sign-on. Clients are accepted all the same, but nodes cannot sign on as the account.",
        do: "set a new one with 'asactl rotate'; a user account needs 'password never expires' besides")
    case .accountOnlyDES:
      .critical(
        "The account is limited to DES, which no domain controller issues any more.",
        do:
          "clear it: Set-ADAccountControl '{ACCOUNT}' -UseDESKeyOnly $false, or take 2097152 from its userAccountControl; then 'asactl rotate'"
      )
    case .accountNoPreauthentication:
      .warning(
        "Anybody gets data that is encrypted under the account's key, and can guess at it in peace.",
        do:
          "clear it: Set-ADAccountControl '{ACCOUNT}' -DoesNotRequirePreAuth $false, or take 4194304 from its userAccountControl"
      )
    case .accountNotDelegated:
      .warning(
        "It keeps no client from being accepted. It matters where a program signs on as this account and hands that identity on to another server.",
        do:
          "clear it if such a program is in use: Set-ADAccountControl '{ACCOUNT}' -AccountNotDelegated $false, or take 1048576 from its userAccountControl"
      )
    case .accountDelegatesEverything:
      .warning(
        "Clients send their own ticket-granting tickets along, so that every node can act as any of them anywhere.",
        do:
          "clear it: Set-ADAccountControl '{ACCOUNT}' -TrustedForDelegation $false, or take 524288 from its userAccountControl; delegate to named services where it is needed"
      )
    case .accountWrongType:
      .critical(
        "This kind of account cannot be shared: something else sets its password, or the domain depends on it.",
        do: "make a computer account for the service with 'asactl account create' and move the SPNs to it")
    case .accountPrivileged:
      .critical(
        "Whoever has the keys of a node rules the domain, and Active Directory takes the rotator's rights on such an account away every hour.",
        do:
          "take it out of the group: Remove-ADGroupMember '{GROUP}' '{ACCOUNT}', or samba-tool group removemembers '{GROUP}' '{ACCOUNT}'; better a computer account of its own"
      )
    case .accountIsNode:
      .critical(
        "It is the computer account of one node: a rotation takes that machine out of the domain, and the others get its keys.",
        do: "make an account that no machine uses with 'asactl account create' and move the SPNs to it")
    case .accountRefused:
      .critical(
        "Domain controllers do not let the account sign on: it is disabled, has expired, is locked out, or is not there.",
        do:
          "'asactl account show' says which; Enable-ADAccount, Clear-ADAccountExpiration or Unlock-ADAccount '{ACCOUNT}', or samba-tool user enable, setexpiry --noexpiry or unlock"
      )
    case .resetMissing:
      .critical(
        "The rotator may not set the password: every rotation is refused.",
        do: "grant Reset Password on this one object to '{ROTATOR}': 'asactl account delegate', or see 'Install' in the README")
    case .stampMissing:
      .critical(
        "The rotator may not write its claim on the account: every rotation is refused.",
        do:
          "grant write on {ATTRIBUTE} of this one object to '{ROTATOR}': 'asactl account delegate', or see 'Install' in the README"
      )
    case .rightsExcessive:
      .warning(
        "The rotator can do more to the account than rotations need, and so can whoever breaks into its host.",
        do:
          "take the rights away from '{ROTATOR}' and from its groups; it needs Reset Password and write on {ATTRIBUTE}, on this one object"
      )
    case .nameUnregistered:
      .critical(
        "No object in the forest has the SPN: domain controllers issue no ticket, and clients fall back to NTLM or are refused.",
        do:
          "register it: 'asactl spn add', setspn -S {SPN} '{ACCOUNT}', or samba-tool spn add {SPN} '{ACCOUNT}'; of a new computer account after its first 'asactl rotate'"
      )
    case .nameElsewhere:
      .critical(
        "Another account has the SPN: tickets come under its key, which no node has.",
        do:
          "move it: setspn -D {SPN} '{HOLDER}' and setspn -S {SPN} '{ACCOUNT}', or samba-tool spn delete {SPN} '{HOLDER}' and samba-tool spn add {SPN} '{ACCOUNT}'"
      )
    case .nameDuplicate:
      .critical(
        "Several objects have the SPN: domain controllers issue no ticket for it, or one under the wrong key.",
        do: "leave it on '{ACCOUNT}' alone: setspn -D {SPN} '{HOLDER}', or samba-tool spn delete {SPN} '{HOLDER}'")
    case .nameOnNode:
      .critical(
        "A node's own computer account has the shared name: tickets come under that machine's key, and the other nodes refuse them.",
        do:
          "move it: setspn -D {SPN} '{HOLDER}' and setspn -S {SPN} '{ACCOUNT}', or samba-tool spn delete {SPN} '{HOLDER}' and samba-tool spn add {SPN} '{ACCOUNT}'"
      )
    case .noTicket:
      .critical(
        "A domain controller issues no ticket for the SPN.",
        do: "{REMEDY}")
    case .nameUnconfigured:
      .warning(
        "Clients get tickets for an SPN of the account that no node is told of: acceptors that look for the name refuse them.",
        do:
          "name it under servicePrincipalNames, or take it off: setspn -D {SPN} '{ACCOUNT}', or samba-tool spn delete {SPN} '{ACCOUNT}'"
      )
    default: hostEntry ?? encryptionEntry ?? controllerEntry
    }
  }

  private var hostEntry: Entry? {
    switch self {
    case .hostUnresolved:
      .critical(
        "The shared name does not resolve on this host: clients that use the same DNS reach nothing.",
        do: "give {HOST} an A or AAAA record with the address of the balancer")
    case .hostAlias:
      .warning(
        "The shared name is an alias (CNAME). Clients that follow it before they ask for a ticket ask for the SPN of the other name: MIT and Java by default, some browsers.",
        do:
          "give {HOST} an A or AAAA record of its own in place of the alias; until then http/{TARGET} has to be on the account and under servicePrincipalNames, too"
      )
    case .hostWrongAddress:
      .critical(
        "The shared name resolves to an address that no balancer and no node can have.",
        do: "correct the A or AAAA record of {HOST}")
    case .hostReverse:
      .warning(
        "An address of the shared name stands for another name, or for none. Windows and browsers do not care; clients with rdns = true in krb5.conf, MIT's default, ask for the SPN of the other name.",
        do: "let the address stand for {HOST} (PTR record), or set rdns = false in krb5.conf of such clients")
    default: nil
    }
  }

  private var encryptionEntry: Entry? {
    switch self {
    case .encryptionUnset:
      .warning(
        "Without msDS-SupportedEncryptionTypes it depends on the domain controller and on its updates whether tickets are RC4 or AES.",
        do: "move it to AES: 'asactl account enctypes --to aes-only'")
    case .encryptionOnlyRC4:
      .critical(
        "The account gets RC4 tickets, or, from domain controllers with the hardening of 2026 and for clients without RC4, none.",
        do: "move it to AES: 'asactl account enctypes --to aes-only'")
    case .encryptionDES:
      .warning(
        "DES is permitted besides other types. No domain controller issues it any more, and audits look for it.",
        do:
          "take 1 and 2 from msDS-SupportedEncryptionTypes: 'asactl account enctypes --to aes-only', or Set-ADComputer '{ACCOUNT}' -Replace @{'msDS-SupportedEncryptionTypes'=24}"
      )
    case .encryptionNone:
      .critical(
        "The attribute permits no type that keys can be made of: no ticket is issued, and every rotation is refused.",
        do:
          "set it to 24 (AES256 and AES128): 'asactl account enctypes --to aes-only', or Set-ADComputer '{ACCOUNT}' -Replace @{'msDS-SupportedEncryptionTypes'=24}"
      )
    case .encryptionNodeLacks:
      .critical(
        "Domain controllers issue tickets with a type that the node has no key of: it refuses them.",
        do:
          "'asactl rotate' makes keys of every type that tickets come with; then 'asactl account enctypes' shows the way to AES"
      )
    default: nil
    }
  }

  private var controllerEntry: Entry? {
    switch self {
    case .clockSkewed:
      .critical(
        "The two clocks differ by more than Kerberos puts up with: tickets are refused.",
        do: "set the clock of {HOST} by the domain's time source (chronyc sources, timedatectl)")
    case .clockDrifting:
      .warning(
        "The two clocks differ by more than a fifth of what Kerberos puts up with: something has stopped keeping one of them.",
        do: "look at the time service of {HOST} (chronyc sources, timedatectl)")
    case .controllerNone:
      .critical(
        "DNS names no domain controller of the realm, and the configuration does not either.",
        do: "name them under directories.controllers, or correct the resolver")
    case .writerUnreachable:
      .critical(
        "The domain controller that passwords are set on does not answer: no rotation begins.",
        do: "bring it back, or name another one as directories.writer; check ports 88 and 389")
    case .writerReadOnly:
      .critical(
        "No password can be set on a read-only domain controller (RODC).",
        do: "name a writable one as directories.writer")
    case .writerNotEmulator:
      .critical(
        "The configuration has passwords set on the PDC emulator, and none of the named domain controllers is it: every rotation is refused.",
        do:
          "name the PDC emulator under directories.controllers (netdom query fsmo, samba-tool fsmo show), or name one of them as directories.writer"
      )
    case .controllerUnreachable:
      .warning(
        "A domain controller does not answer. Keys of before are kept until it issues tickets under the new one.",
        do:
          "bring it back; if it is gone for good, take it out of directories.controllers and run 'asactl dc forget {CONTROLLER}'; check ports 88 and 389"
      )
    case .controllerSignOn:
      .critical(
        "A domain controller answers and does not let the rotator sign on, or not with encryption.",
        do: "{REMEDY}")
    case .controllerBehind:
      .warning(
        "A domain controller has not received the newest password, and issues tickets under the one before. Nodes accept both.",
        do: "let it replicate (repadmin /replsummary, samba-tool drs showrepl); nothing else has to be done")
    case .controllerAhead:
      .critical(
        "A domain controller has a newer password than the one that is written to: somebody has set it there, and nodes refuse its tickets.",
        do: "let it replicate (repadmin /replsummary, samba-tool drs showrepl), then 'asactl rotate'")
    case .controllerUnlisted:
      .warning(
        "The directory has a domain controller that the configuration does not name: nobody waits for it before old keys end, and clients with its tickets may be refused.",
        do: "name it under directories.controllers, or remove what is left of it from the directory")
    case .controllerPlainBind:
      .warning(
        "The domain controller takes passwords over connections without encryption. The rotator always encrypts; other clients may not.",
        do:
          "require LDAP signing: LDAPServerIntegrity 2 (Group Policy 'LDAP server signing requirements'), or 'ldap server require strong auth = yes' in smb.conf"
      )
    default: nil
    }
  }
}
