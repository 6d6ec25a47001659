package import RotationCore

/// One account's part of a keytab on this node, held against the directory.
package struct KeytabEvidence: Sendable {
  /// The file.
  package var path: String
  /// The configuration that names it.
  package var configuration: String
  /// The account.
  package var account: AccountName
  /// The SPNs that the file is to hold: those of the configuration, or of the directory where it names none; `nil` if neither is known.
  package var servicePrincipalNames: [ServicePrincipalName]?
  /// The owner, group and mode that it is to have.
  package var wanted: FileEvidenceOwnership
  /// What is at the path.
  package var state: FileEvidence.State
  /// The entries, or why they cannot be read.
  package var entries: Result<[KeytabEntryEvidence], OperatorFault>
  /// Whether domain controllers take its newest key as the account's; `nil` if none said so.
  package var isNewestKeyTaken: Bool?
  /// What became of a ticket of each domain controller for each SPN.
  package var trials: [TrialEvidence]
  /// What is odd about its owner where the configuration names none.
  package var strangers: [String]
  /// The account's SPNs in the directory; `nil` if nobody told.
  package var registeredNames: [String]?
  /// Why no domain controller was asked for a ticket, as far as that is known.
  package var obstacle: String?

  /// Makes evidence from its parts.
  package init(
    path: String, configuration: String, account: AccountName, servicePrincipalNames: [ServicePrincipalName]?,
    wanted: FileEvidenceOwnership, state: FileEvidence.State, entries: Result<[KeytabEntryEvidence], OperatorFault>,
    isNewestKeyTaken: Bool?, trials: [TrialEvidence], strangers: [String] = [], registeredNames: [String]? = nil,
    obstacle: String? = nil
  ) {
    self.path = path
    self.configuration = configuration
    self.account = account
    self.servicePrincipalNames = servicePrincipalNames
    self.wanted = wanted
    self.state = state
    self.entries = entries
    self.isNewestKeyTaken = isNewestKeyTaken
    self.trials = trials
    self.strangers = strangers
    self.registeredNames = registeredNames
    self.obstacle = obstacle
  }
}

/// Owner, group and mode that a file is to have.
package struct FileEvidenceOwnership: Sendable, Equatable {
  /// The owner's name; `nil`: any.
  package var owner: String?
  /// The owner's number.
  package var user: UInt32?
  /// The group's name; `nil`: any.
  package var groupName: String?
  /// The group's number.
  package var group: UInt32?
  /// The permission bits.
  package var mode: UInt32

  /// Makes a description from its parts.
  package init(owner: String?, user: UInt32?, groupName: String?, group: UInt32?, mode: UInt32) {
    self.owner = owner
    self.user = user
    self.groupName = groupName
    self.group = group
    self.mode = mode
  }
}

/// One entry of a keytab, without its key.
package struct KeytabEntryEvidence: Sendable, Equatable {
  /// The principal without its realm.
  package var principal: String
  /// Its realm.
  package var realm: Realm
  /// The kvno.
  package var version: KeyVersion
  /// The encryption type (RFC 3961 number).
  package var encryptionType: Int32
  /// Whether the file's accounts own it.
  package var isOurs: Bool
  /// Which key it has: entries of one file that have the same number have the same key.
  package var key: Int

  /// Makes evidence from its parts.
  package init(principal: String, realm: Realm, version: KeyVersion, encryptionType: Int32, isOurs: Bool, key: Int = 0) {
    self.principal = principal
    self.realm = realm
    self.version = version
    self.encryptionType = encryptionType
    self.isOurs = isOurs
    self.key = key
  }
}

/// A ticket that was tried on an installed keytab.
package struct TrialEvidence: Sendable {
  /// The domain controller that issued it.
  package var controller: String
  /// The SPN that it is for.
  package var servicePrincipalName: ServicePrincipalName
  /// The ticket, or why there is none.
  package var ticket: Result<TicketEvidence, OperatorFault>
  /// Why the keytab does not open it; `nil` if it does.
  package var refusal: OperatorFault?

  /// Makes evidence from its parts.
  package init(
    controller: String, servicePrincipalName: ServicePrincipalName, ticket: Result<TicketEvidence, OperatorFault>,
    refusal: OperatorFault?
  ) {
    self.controller = controller
    self.servicePrincipalName = servicePrincipalName
    self.ticket = ticket
    self.refusal = refusal
  }
}
