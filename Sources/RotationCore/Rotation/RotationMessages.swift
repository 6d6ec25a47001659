package import Foundation

/// What has happened to a rotation, as a past-tense fact.
package enum RotationEvent: Sendable {
  /// The plan and its sealed secrets are on disk.
  case planWasRecorded
  /// The domain controller answered the claim, or did not.
  case claimAnswered(DirectoryWriteAnswer)
  /// The domain controller answered the claim that tells nodes without the key to leave service, or did not.
  case absenceAnnounced(DirectoryWriteAnswer)
  /// A node holds the staged key; its checksum was verified.
  case nodeStaged(NodeName)
  /// A node will not hold the staged key.
  case nodeFailed(NodeName, reason: String)
  /// A node's stream ended.
  case nodeLost(NodeName)
  /// The domain controller answered the password write, or did not.
  case commitAnswered(DirectoryWriteAnswer)
  /// The domain controller answered the fence, or did not.
  case fenceAnswered(DirectoryWriteAnswer)
  /// The account was read back and a ticket was tried.
  case commitWasChecked(CommitEvidence)
  /// A node holds the promoted slots.
  case nodePromoted(NodeName)
  /// A node accepted a ticket for every SPN.
  case nodeProven(NodeName)
  /// A node did not accept a ticket.
  case nodeRefusedTicket(NodeName, reason: String)
  /// Another domain controller than the writer issues tickets under the new key for every SPN.
  case controllerConverged(String)
  /// A node is back in its former slots.
  case nodeRestored(NodeName)
  /// A node was revoked, excluded or is being given up: nobody waits for it any more.
  case nodeRevoked(NodeName)
  /// A point in time that the machine asked for has come.
  case timerFired
  /// The daemon started again and found this rotation open.
  case restarted
  /// The daemon started again after this rotation had stalled it too often.
  case givenUp(OperatorFault)
  /// Somebody has declared the pinned domain controller gone for good.
  case writerWasLost(WriterLoss)
}

/// What takes the place of a domain controller that will never answer again.
package struct WriterLoss: Sendable, Equatable {
  /// The domain controller that writes go to from now on.
  package var successor: DirectoryServer
  /// The stamp that stands there.
  package var stamp: Stamp?
  /// The kvno that it has.
  package var version: KeyVersion
  /// The first epoch of the new era, above every one that anybody has seen.
  package var epoch: Epoch

  /// Makes a loss from its parts.
  package init(successor: DirectoryServer, stamp: Stamp?, version: KeyVersion, epoch: Epoch) {
    self.successor = successor
    self.stamp = stamp
    self.version = version
    self.epoch = epoch
  }
}

/// What reading back the account after the password write showed.
package enum CommitEvidence: Sendable, Equatable {
  /// The stamp is ours and a ticket from the writer opens with these keys of ours.
  case proven(KeyVersion, KeyFingerprint)
  /// The stamp is ours, yet the ticket opens with no key of ours.
  case foreignKey(KeyVersion, OperatorFault)
  /// Somebody else's stamp stands.
  case superseded(String)
  /// Nothing could be learned; it is tried again.
  case unreadable(OperatorFault)
}

/// What the machine wants done, as an imperative. Each is safe to repeat.
package enum RotationAction: Sendable, Equatable {
  /// Compare-and-swap the claim into the directory.
  case claim(from: Stamp?, to: Stamp)
  /// Compare-and-swap the claim into one that tells nodes without the key to leave service.
  case announceAbsence(from: Stamp, to: Stamp)
  /// Tell these nodes, as far as they are attached, that the rotation goes on without them.
  case leaveBehind([NodeName])
  /// Push the staged key to all nodes.
  case stage
  /// Set the password, with the claim's stamp in the same modify; without a stamp, unless the domain controller has it already.
  case commit(from: Stamp, to: Stamp)
  /// Compare-and-swap the fence into the directory.
  case fence(from: Stamp?, to: Stamp)
  /// Push the former slots to all nodes.
  case unstage
  /// Read the account back and try a ticket.
  case checkCommit
  /// Make the staged key Latest and push that to all nodes.
  case promote(KeyVersion, KeyFingerprint)
  /// Keep everything, retire nothing older: the directory has a key that is not ours, and issued a ticket under this kvno, if one was seen.
  case holdForeign(issued: KeyVersion?)
  /// Let a node accept a ticket for every SPN.
  case prove(NodeName)
  /// Fire the timer at this instant.
  case wake(at: Date)
  /// Tell a person that the outcome of a write is not known yet.
  case reportUnknown(OperatorFault)
  /// Write the terminal record; the rotation is over.
  case end(RotationEnding)
}
