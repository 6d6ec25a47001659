/// What must hold at every step; see section 3 of the design.
package enum Invariant: String, CaseIterable, Sendable {
  /// A ticket that a domain controller may issue, or a client may still hold, under a key that we were given is not accepted by a node that
  /// has held the key since it was issued.
  case noRefusedClient
  /// A password that a domain controller has taken is sealed in the store and its keys are on the disks of enough nodes.
  case noLostKey
  /// Under one epoch one password is staged and one is committed; no node goes back to an older order.
  case singleWriter
  /// A rotator writes nothing before it was shown the stamp; shown one that its store cannot account for, it writes and orders nothing.
  case supersededIsSilent
  /// One rotation sets one password, once.
  case oneSecretPerRotation
  /// What is recorded as "the password is unchanged" never appears in a directory, and leaves nothing on the nodes.
  case freeAbort
  /// Each attempt has exactly one terminal record, and it tells the truth.
  case oneTrueRecord
  /// No slot counts as proven whose key no domain controller has used under that kvno.
  case noFalseProof
  /// A keytab holds one key under one kvno and encryption type.
  case oneKeyPerVersion
  /// What the disk holds is what was written, and can be read back.
  case durableState
  /// When nothing goes wrong any more, everything ends, nodes and directory agree, and old keys go.
  case convergence
}

/// An invariant that did not hold.
struct Violation: Sendable {
  var invariant: Invariant
  var time: Double
  var message: String
}
