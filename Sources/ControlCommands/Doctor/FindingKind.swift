/// Everything that an examination can find: the one table that findings and their documentation are made of.
enum FindingKind: String, CaseIterable {
  case accountMissing = "account.missing"
  case accountDisabled = "account.disabled"
  case accountExpired = "account.expired"
  case accountExpiring = "account.expiring"
  case accountLocked = "account.locked"
  case accountPasswordExpired = "account.password-expired"
  case accountOnlyDES = "account.des-only"
  case accountNoPreauthentication = "account.no-preauth"
  case accountNotDelegated = "account.not-delegated"
  case accountDelegatesEverything = "account.unconstrained-delegation"
  case accountWrongType = "account.wrong-type"
  case accountPrivileged = "account.privileged"
  case accountIsNode = "account.is-node"
  case accountRefused = "account.sign-on-refused"

  case resetMissing = "rights.reset-missing"
  case stampMissing = "rights.stamp-missing"
  case rightsExcessive = "rights.excessive"

  case nameUnregistered = "spn.missing"
  case nameElsewhere = "spn.elsewhere"
  case nameDuplicate = "spn.duplicate"
  case nameOnNode = "spn.on-node"
  case noTicket = "spn.no-ticket"
  case nameUnconfigured = "spn.unconfigured"

  case hostUnresolved = "name.unresolved"
  case hostAlias = "name.alias"
  case hostWrongAddress = "name.wrong-address"
  case hostReverse = "name.reverse"

  case encryptionUnset = "encryption.unset"
  case encryptionOnlyRC4 = "encryption.rc4-only"
  case encryptionDES = "encryption.des"
  case encryptionNone = "encryption.none"
  case encryptionNodeLacks = "encryption.node-lacks"

  case clockSkewed = "clock.skewed"
  case clockDrifting = "clock.drifting"

  case controllerNone = "controller.none"
  case writerUnreachable = "writer.unreachable"
  case writerReadOnly = "writer.read-only"
  case writerNotEmulator = "writer.not-pdc"
  case controllerUnreachable = "controller.unreachable"
  case controllerSignOn = "controller.sign-on"
  case controllerBehind = "controller.behind"
  case controllerAhead = "controller.ahead"
  case controllerUnlisted = "controller.unlisted"
  case controllerPlainBind = "ldap.plain-bind"

  case rotatorDown = "rotator.down"
  case rotatorKeyRefused = "rotator.key-refused"
  case rotatorKeytab = "rotator.keytab"
  case rotatorAccount = "rotator.account"
  case rotatorExpiring = "rotator.expiring"
  case rotatorAdministrator = "rotator.administrator"
  case alarmFailed = "alarm.failed"
  case alarmDegraded = "alarm.degraded"
  case alarmOverdue = "alarm.overdue"
  case alarmStalled = "alarm.stalled"
  case alarmBehind = "alarm.behind"
  case alarmUnknown = "alarm.unknown"
  case alarmDrift = "alarm.drift"
  case alarmStore = "alarm.store"
  case alarmUndelivered = "alarm.undelivered"
  case schedulePaused = "schedule.paused"
  case storeUnsound = "store.unsound"
  case storeDoubtful = "store.doubtful"

  case nodeDetached = "node.detached"
  case nodeNeverSeen = "node.never-seen"
  case nodeRevoked = "node.revoked"
  case nodeExcluded = "node.excluded"
  case nodeWithheld = "node.keys-removed"
  case nodeBehind = "node.behind"
  case nodeFaulty = "node.faulty"
  case nodeRefusesTicket = "node.refuses-ticket"
  case consumerFailed = "consumer.failed"
  case consumerPending = "consumer.pending"

  case configurationInvalid = "config.invalid"
  case configurationWritable = "config.writable"
  case fileExposed = "file.exposed"
  case fileMissing = "file.missing"
  case fileOwner = "file.owner"
  case socketOpen = "socket.open"
  case certificateExpired = "certificate.expired"
  case certificateExpiring = "certificate.expiring"
  case certificateUnfit = "certificate.unfit"
  case certificateWrongName = "certificate.wrong-name"

  case agentDown = "agent.down"
  case agentNotInService = "agent.not-in-service"
  case rotatorUnreachable = "agent.no-rotator"
  case keytabMissing = "keytab.missing"
  case keytabDamaged = "keytab.damaged"
  case keytabExposed = "keytab.exposed"
  case keytabOwner = "keytab.owner"
  case keytabMode = "keytab.mode"
  case keytabForeign = "keytab.foreign"
  case keytabNameMissing = "keytab.name-missing"
  case keytabVersionMissing = "keytab.kvno-missing"
  case keytabTypeMissing = "keytab.type-missing"
  case keytabWrongKey = "keytab.wrong-key"
  case keytabKeyRefused = "keytab.key-refused"
}

extension FindingKind {
  /// What is said of a kind.
  struct Entry {
    /// How bad it is.
    let severity: HealthLevel
    /// What it means, with a full stop.
    let meaning: String
    /// What to do, without one.
    let advice: String

    static func critical(_ meaning: String, do advice: String) -> Entry {
      Entry(severity: .critical, meaning: meaning, advice: advice)
    }

    static func warning(_ meaning: String, do advice: String) -> Entry {
      Entry(severity: .warning, meaning: meaning, advice: advice)
    }
  }

  /// The heading that it is listed under.
  var area: String {
    switch rawValue.prefix(while: { $0 != "." }) {
    case "account": "The account"
    case "rights": "The rotator's rights on the account"
    case "spn": "Service principal names"
    case "name": "DNS"
    case "encryption": "Encryption types"
    case "clock": "Clocks"
    case "controller", "writer", "ldap": "Domain controllers"
    case "rotator", "alarm", "schedule", "store": "The rotator"
    case "node", "consumer": "Nodes, as the rotator sees them"
    case "config", "file", "socket", "certificate": "Files, sockets and certificates"
    default: "A node, looked at from itself"
    }
  }
}

extension FindingKind {
  /// What is said of it.
  var entry: Entry {
    directoryEntry ?? serviceEntry ?? .critical("Not described.", do: "report this as a defect")
  }
}
