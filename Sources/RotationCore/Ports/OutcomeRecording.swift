package import Foundation

/// How an attempt ended.
package enum RotationOutcome: String, Sendable, Codable, CaseIterable {
  /// The password is new and every configured node accepts it.
  case succeeded
  /// The password is new, enough nodes accept it, and the record names those that do not yet.
  case degraded
  /// The attempt ended without that; the record says whether the directory was changed.
  case failed
}

/// The structured events of the journal, each with a MESSAGE_ID that never changes.
package enum RecordKind: String, Sendable, Codable, CaseIterable {
  /// An attempt began.
  case rotationStarted
  /// Terminal: ``RotationOutcome/succeeded``.
  case rotationSucceeded
  /// Terminal: ``RotationOutcome/degraded``.
  case rotationDegraded
  /// Terminal: ``RotationOutcome/failed``.
  case rotationFailed
  /// The directory has not answered a write whose outcome decides what happens next.
  case outcomeUnknown
  /// A node does not hold what it should.
  case nodeBehind
  /// A node caught up.
  case nodeRecovered
  /// A node was refused, or its certificate was revoked.
  case nodeRefused
  /// Somebody had rotations wait for a node no longer for a time, or again.
  case nodeExcluded
  /// A node has destroyed the keys that it held, and is shut out.
  case nodeDecommissioned
  /// A key was destroyed because no ticket under it can be alive.
  case keyRetired
  /// The directory is ahead of the store, or the stamp is somebody else's.
  case storeBehind
  /// Somebody had this rotator take the keys that nodes hold into its store.
  case credentialAdopted
  /// Somebody had nodes destroy the keys of an account, and they have.
  case credentialRemoved
  /// Somebody had nodes be given the keys of an account.
  case credentialCopied
  /// Somebody had this rotator claim the account from another claimant.
  case accountTakenOver
  /// Somebody began to move an account to AES.
  case encryptionMigrationBegun
  /// msDS-SupportedEncryptionTypes of an account permits AES and nothing else now.
  case encryptionTypesWritten
  /// Every domain controller issues AES tickets of an account, and every node accepts them.
  case encryptionTypesProven
  /// The last keys of an account that are not AES are gone.
  case encryptionMigrated
  /// A due rotation waits for its window, the end of a freeze, or a resumption.
  case rotationWaiting
  /// A rotation came due while the daemon was not running, and is caught up.
  case rotationCaughtUp
  /// A due rotation has not succeeded within its time.
  case rotationOverdue
  /// A step of ours did not end within its deadline; the daemon is restarted.
  case rotationStalled
  /// The daemon ended without stopping: it was killed or it crashed.
  case daemonInterrupted
  /// A domain controller cannot be asked, or does not serve what it should.
  case controllerBehind
  /// A domain controller that was behind serves what it should.
  case controllerConverged
  /// Somebody gave a domain controller up for good; another one takes its place.
  case controllerForgotten
  /// The account in the directory is not as the last rotation left it, or would not let the next one happen.
  case drift
  /// Somebody had changed a keytab, and its agent has put it right.
  case keytabRestored
  /// What had drifted is in order again.
  case driftEnded
  /// The store refuses writes.
  case storeUnwritable
  /// The store takes writes again.
  case storeWritable
  /// Somebody paused the schedule.
  case schedulePaused
  /// Somebody resumed the schedule, or the pause has ended.
  case scheduleResumed
  /// An alarm was started and its unit succeeded.
  case alarmDelivered
  /// An alarm could not be started, or its unit failed.
  case alarmFailed
  /// Somebody acknowledged alarms.
  case alarmAcknowledged
  /// A changed configuration was applied.
  case configurationReloaded
  /// A changed configuration was refused as a whole.
  case configurationRefused
}

/// One record for the journal and for the durable history.
package struct OutcomeRecord: Sendable, Equatable, Codable {
  /// Which event.
  package var kind: RecordKind
  /// When, on the policy clock.
  package var time: Date
  /// The account; `nil` for a record about the daemon itself.
  package var account: AccountName?
  /// The rotation it belongs to, if any.
  package var rotation: RotationID?
  /// The phase that it ended or happened in.
  package var phase: String?
  /// The node concerned, if one.
  package var nodes: [NodeName]
  /// The kvno after the event, if it is known.
  package var version: KeyVersion?
  /// The domain controller concerned, if one.
  package var domainController: String?
  /// The domain controllers, by DNS name, that had not got a new password yet; `nil`: none.
  package var controllers: [String]?
  /// One sentence for a person.
  package var message: String
  /// What it means for the terminal kinds: whether the directory's password changed.
  package var passwordChanged: Bool?
  /// The kind of alarm that a record about an alarm itself is about; what a record raises is its kind's ``RecordKind/alarm``.
  package var alarm: AlarmOutcome?

  /// Makes a record from its parts. None of them may hold a secret.
  package init(
    kind: RecordKind, time: Date, account: AccountName?, rotation: RotationID? = nil, phase: String? = nil,
    nodes: [NodeName] = [], version: KeyVersion? = nil, domainController: String? = nil,
    controllers: [String]? = nil, message: String, passwordChanged: Bool? = nil, alarm: AlarmOutcome? = nil
  ) {
    self.kind = kind
    self.time = time
    self.account = account
    self.rotation = rotation
    self.phase = phase
    self.nodes = nodes
    self.version = version
    self.domainController = domainController
    self.controllers = controllers
    self.message = message
    self.passwordChanged = passwordChanged
    self.alarm = alarm
  }
}

/// Where records go besides the store: the system journal.
package protocol OutcomeRecording: Sendable {
  /// Writes one record. It cannot fail the rotation: the same record is durable in the store.
  func record(_ record: OutcomeRecord)
}
