extension FindingKind {
  /// What is said of findings about the rotator, its nodes and their files; `nil` for the others.
  var serviceEntry: Entry? { rotatorEntry ?? nodeEntry ?? fileEntry ?? keytabEntry }

  private var rotatorEntry: Entry? {
    switch self {
    case .rotatorDown:
      .critical(
        "No rotator answers: nothing is rotated and no node that returns is caught up. Nodes go on accepting.",
        do: "systemctl status asa-rotatord, journalctl -u asa-rotatord; then systemctl start asa-rotatord")
    case .rotatorKeyRefused:
      .critical(
        "The password of the rotator's own account was changed since its keytab was made: it can sign on nowhere.",
        do: "make the keytab anew: ktpass, or samba-tool domain exportkeytab {FILE} --principal={PRINCIPAL}")
    case .rotatorKeytab:
      .critical(
        "The rotator's own keytab is missing, unreadable, or holds no key of its principal.",
        do: "make it: ktpass, or samba-tool domain exportkeytab {FILE} --principal={PRINCIPAL}; mode 0600, for the service user"
      )
    case .rotatorAccount:
      .critical(
        "The rotator's own account is disabled, expired, locked out, or its password is: it can sign on nowhere.",
        do:
          "enable, prolong or unlock '{PRINCIPAL}'; a service account needs 'password never expires', or a new keytab after each change"
      )
    case .rotatorExpiring:
      .warning(
        "The rotator's own account or its password expires within 30 days.",
        do: "prolong '{PRINCIPAL}'; a service account needs 'password never expires', or a new keytab after each change")
    case .rotatorAdministrator:
      .warning(
        "The rotator needs two rights on one object, and its account has the whole domain: whoever breaks into its host has, too.",
        do:
          "take it out of the group: Remove-ADGroupMember '{GROUP}' '{PRINCIPAL}', or samba-tool group removemembers '{GROUP}' '{PRINCIPAL}'"
      )
    case .alarmFailed:
      .critical(
        "The last rotation failed; the password is as it was.",
        do: "do what its record says: asactl journal --outcome failed --explain")
    case .alarmDegraded:
      .warning(
        "The last rotation went on without a node, or a domain controller had not received the password when it ended.",
        do: "do what its record says: asactl journal --outcome degraded --explain")
    case .alarmOverdue:
      .critical(
        "A rotation has been due for longer than the policy allows. No client is refused because of it.",
        do: "do what its record says: asactl journal --outcome overdue --explain; then 'asactl rotate'")
    case .alarmStalled:
      .critical(
        "A step of the rotator's own did not end; it was restarted and goes on.",
        do: "keep the journal of that time and report it: asactl journal --outcome stalled --explain")
    case .alarmBehind:
      .warning(
        "A node, a domain controller or the store is behind the others.",
        do: "do what its record says: asactl journal --outcome behind --explain")
    case .alarmUnknown:
      .critical(
        "The domain controller has not said whether it took the new password. The same request is sent again until it does.",
        do: "bring the domain controller back: asactl journal --outcome unknown --explain")
    case .alarmDrift:
      .critical(
        "The account was changed in the directory since the last rotation.",
        do: "do what its record says: asactl journal --outcome drift --explain")
    case .alarmStore:
      .critical(
        "The store refuses writes: no rotation begins or goes on. Nodes go on accepting.",
        do: "make room on its file system, or mount it for writing; what was held back is written by itself")
    case .alarmUndelivered:
      .warning(
        "A notice of an alarm reached nobody.",
        do: "correct asa-outcome@{OUTCOME}.service: systemctl status 'asa-outcome@{OUTCOME}.service'")
    case .schedulePaused:
      .warning("No rotation begins by itself.", do: "'asactl resume' when the reason has gone")
    case .storeUnsound:
      .critical("The rotator does not start with its store, or must not be trusted with it.", do: "{REMEDY}")
    case .storeDoubtful:
      .warning("The store works, and something about it is worth knowing.", do: "{REMEDY}")
    default: nil
    }
  }

  private var nodeEntry: Entry? {
    switch self {
    case .nodeDetached:
      .critical(
        "The node's agent is not attached: rotations wait for it or leave it behind.",
        do:
          "on {NODE}: systemctl status asa-agentd, and 'asactl doctor'; if it is away for long, 'asactl nodes exclude {NODE} --until TIME'"
      )
    case .nodeNeverSeen:
      .critical(
        "The node is configured and its agent has never attached.",
        do: "install and start asa-agentd on {NODE}, and run 'asactl doctor' there; or take the node out of its array")
    case .nodeRevoked:
      .warning(
        "The node's certificates are refused: it gets no new key and refuses clients after the next rotation.",
        do: "take it out of the balancer and of its array, or let it back with a new certificate: 'asactl pki issue --replace'")
    case .nodeExcluded:
      .warning(
        "Rotations do not wait for the node for a time.",
        do: "'asactl nodes include {NODE}' when the reason has gone")
    case .nodeWithheld:
      .warning(
        "The account's keys were removed from the node by command: it refuses every client of this account.",
        do: "'asactl credential copy --to {NODE}' gives it the keys again; or take it out of the balancer")
    case .nodeBehind:
      .critical(
        "The node does not hold the keys that it should.",
        do:
          "on {NODE}: journalctl -u asa-agentd, and 'asactl doctor'; it is caught up with by itself once nothing is in the way")
    case .nodeFaulty:
      .critical(
        "The node says that something is wrong with its keytabs or its certificate.",
        do: "do what the sentence says, on {NODE}: journalctl -u asa-agentd, and 'asactl doctor'")
    case .nodeRefusesTicket:
      .critical(
        "The node refuses a ticket that a domain controller has just issued: clients with such tickets are refused.",
        do:
          "on {NODE}: 'asactl doctor' says what its keytab lacks; where every node refuses, somebody else has set the password: 'asactl rotate'"
      )
    case .consumerFailed:
      .critical(
        "A program that caches the keytab could not be made to read it: it refuses tickets under the newest key, and the node is out of service.",
        do: "on {NODE}: correct '{CONSUMER}', then systemctl restart asa-agentd")
    case .consumerPending:
      .warning(
        "A program that caches the keytab has not read the newest key yet: it waits for the node's turn.",
        do: "look again in some minutes; if it stays so, on {NODE}: journalctl -u asa-agentd")
    default: nil
    }
  }

  private var fileEntry: Entry? {
    switch self {
    case .configurationInvalid:
      .critical(
        "The file cannot be used: the program does not start with it, or goes on with what it said before.", do: "{REMEDY}")
    case .configurationWritable:
      .critical(
        "Others than its owner can write the file, and so decide where keys and passwords go.",
        do: "chmod go-w {FILE}, then look at what it says")
    case .fileExposed:
      .critical(
        "Others than its owner can read a key.",
        do: "chmod 600 {FILE}; if anybody else may have read it, replace the key: {REPLACEMENT}")
    case .fileOwner:
      .critical(
        "A user who is neither root nor the service's can read the file, and put another in its place.",
        do: "chown root {FILE}, or the user of the service; if that user may have read a key in it, replace the key")
    case .fileMissing:
      .critical(
        "A file that the configuration names is not there, or cannot be read.",
        do: "put it there, or correct the path in {CONFIGURATION}")
    case .socketOpen:
      .critical(
        "The permissions of the sockets are the authorisation: others than root and the configured group can use this one.",
        do: "chmod o= {FILE}, and find out who opened it; a restart of asa-rotatord makes it anew")
    case .certificateExpired:
      .critical(
        "The certificate is not valid any more: nothing connects with it.",
        do:
          "issue a new one ('asactl pki issue --replace', for a CA of 'asactl pki': 'asactl pki init') and put it in the place of the old one"
      )
    case .certificateExpiring:
      .warning(
        "The certificate expires within 30 days.",
        do:
          "issue a new one ('asactl pki issue --replace', for a CA of 'asactl pki': 'asactl pki init') and put it in the place of the old one; no restart is needed"
      )
    case .certificateUnfit:
      .critical(
        "The certificate is not one that the other side accepts for this purpose.",
        do: "issue one with 'asactl pki issue --role {ROLE}', and use the three files that were issued together")
    case .certificateWrongName:
      .critical(
        "The certificate is for another name than the node's.",
        do: "correct node in {CONFIGURATION}, or issue one with 'asactl pki issue --role node --name {NODE}'")
    default: nil
    }
  }

  private var keytabEntry: Entry? {
    switch self {
    case .agentDown:
      .critical(
        "No agent runs on this node: it gets no new key, and refuses clients after the next rotation.",
        do: "systemctl status asa-agentd, journalctl -u asa-agentd; then systemctl start asa-agentd")
    case .agentNotInService:
      .warning(
        "The agent keeps the node out of service.",
        do: "systemctl status asa-agentd says why; 'asactl status {NODE}' on the rotator")
    case .rotatorUnreachable:
      .warning(
        "This node cannot connect to the rotator. It goes on accepting with the keys that it holds.",
        do: "start asa-rotatord there, and check the address in {CONFIGURATION} and the firewall in between")
    case .keytabMissing:
      .critical(
        "The keytab is not there: every client is refused.",
        do:
          "start the agent, which writes it: systemctl restart asa-agentd; if it holds no key yet, 'asactl rotate' on the rotator"
      )
    case .keytabDamaged:
      .critical(
        "The keytab cannot be read as one: every client is refused.",
        do: "move {FILE} away and restart the agent, which writes it anew: systemctl restart asa-agentd")
    case .keytabExposed:
      .critical(
        "Others than the configured owner and group can read the account's keys, and so impersonate every user to the service.",
        do:
          "find out who could read it; 'asactl rotate --compromised' on the rotator; a running agent sets {FILE} to {MODE} by itself"
      )
    case .keytabOwner:
      .critical(
        "The file belongs to another user or group than the configuration says: the service may not be able to read it.",
        do: "a running agent sets it right by itself; else chown {OWNER} {FILE}")
    case .keytabMode:
      .warning(
        "The file's mode is not the configured one.", do: "a running agent sets it right by itself; else chmod {MODE} {FILE}")
    case .keytabForeign:
      .critical(
        "The keytab holds principals that are not of its accounts. The agent leaves such a file as it is, so that new keys do not get into it.",
        do: "give the account's keys a file of their own in {CONFIGURATION}, and point the service at it")
    case .keytabNameMissing:
      .critical(
        "The keytab lacks a name that clients ask for: acceptors that look for it refuse them.",
        do:
          "restart the agent, which writes what the rotator names: systemctl restart asa-agentd; what it goes on to lack, name under servicePrincipalNames in rotator.yaml (and in {CONFIGURATION}, if it names any), or take it off the account: setspn -D"
      )
    case .keytabVersionMissing:
      .critical(
        "The keytab has no key of the kvno that domain controllers issue tickets under: clients are refused.",
        do:
          "'asactl status' on the rotator: if this node is behind, restart asa-agentd here; if every node is, somebody else has set the password: 'asactl rotate'"
      )
    case .keytabTypeMissing:
      .critical(
        "The keytab has the kvno, and no key of the encryption type that tickets come with: clients are refused.",
        do: "'asactl rotate' on the rotator makes keys of every type that tickets come with; then 'asactl account enctypes'")
    case .keytabWrongKey:
      .critical(
        "The keytab has another key than the directory under the same kvno: clients are refused.",
        do: "'asactl rotate' on the rotator sets a password of its own; then find out who writes {FILE} or has set the password"
      )
    case .keytabKeyRefused:
      .critical(
        "Domain controllers do not take the newest key in the keytab as the account's: the password was set since, or the key is not the account's.",
        do:
          "'asactl status' on the rotator: if this node is behind, restart asa-agentd here; if every node is, somebody else has set the password: 'asactl rotate'"
      )
    default: nil
    }
  }
}
