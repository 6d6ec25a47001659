/// What one node holds for one account: a pure value, changed only by the rules in this folder.
package struct NodeSlots: Sendable, Equatable {
  /// The last order carried out.
  package struct AppliedOrder: Sendable, Equatable, Codable {
    /// Its epoch.
    package var epoch: Epoch
    /// Its number within the epoch.
    package var version: UInt64
    /// Its contents, so that a repeat can be told from a contradiction.
    package var digest: OrderDigest
  }

  /// An epoch and the one rotation that may give orders under it.
  package struct BoundEpoch: Sendable, Equatable, Codable {
    /// The epoch.
    package var epoch: Epoch
    /// The rotation.
    package var rotation: RotationID
  }

  /// How many bound epochs are remembered; those below the applied one are refused by their number alone.
  static let boundEpochLimit = 32
  /// How many SPNs that the account once had are remembered, so that their keytab entries are still known to be ours.
  static let formerNameLimit = 64

  /// The account.
  package let account: AccountName
  /// Its realm.
  package var realm: Realm
  /// The SPNs that the rotator names.
  package var servicePrincipalNames: [ServicePrincipalName]
  /// SPNs that it named before and names no more.
  package var formerServicePrincipalNames: [ServicePrincipalName]
  /// The last order carried out; `nil` while the node's own keytabs are untouched.
  package var applied: AppliedOrder?
  /// The epochs seen, newest last.
  package var boundEpochs: [BoundEpoch]
  /// The slots, newest first.
  package var slots: [HeldSlot]

  /// Makes the state of an account that nothing is held for yet.
  package init(account: AccountName, realm: Realm, servicePrincipalNames: [ServicePrincipalName]) {
    self.account = account
    self.realm = realm
    self.servicePrincipalNames = servicePrincipalNames
    formerServicePrincipalNames = []
    applied = nil
    boundEpochs = []
    slots = []
  }

  /// The slot that domain controllers issue under, if one is known.
  package var latest: HeldSlot? { slots.first { $0.position == .latest } }

  /// The slot whose keys a domain controller is known to have used last. Its place in the list does not tell: an order may have come from a
  /// rotator that does not know of it.
  var newestProven: HeldSlot? { slots.filter(\.isProven).max { rank(of: $0) < rank(of: $1) } }

  /// The same account without a key, as if no order had come for it; of which rotation orders may come is remembered.
  package var emptied: NodeSlots {
    var emptied = self
    emptied.slots = []
    emptied.applied = nil
    return emptied
  }

  /// Takes the SPNs that the rotator names now, remembering those that it names no more.
  package mutating func rename(to names: [ServicePrincipalName]) {
    let dropped = servicePrincipalNames.filter { !names.contains($0) && !formerServicePrincipalNames.contains($0) }
    formerServicePrincipalNames = Array(
      (formerServicePrincipalNames.filter { !names.contains($0) } + dropped).suffix(Self.formerNameLimit))
    servicePrincipalNames = names
  }
}
