import Foundation

/// The commands that wait for nodes to destroy keys, or to confirm that they hold them.
struct CredentialWork: Sendable {
  struct Removal: Sendable {
    var remaining: Set<CredentialPlace>
    var receipt: RemovalReceipt
    var reply: SchedulerEvent.Reply<RemovalReceipt>
  }

  struct Copy: Sendable {
    var remaining: Set<CredentialPlace>
    var watcher: AsyncStream<CopyProgress>.Continuation
  }

  var removals: [Int: Removal] = [:]
  var copies: [Int: Copy] = [:]
  /// The nodes that were told to destroy keys, with the time until they are told again.
  var told: [CredentialPlace: WallClockWait] = [:]
  private var last = 0

  /// A number that no other command has.
  mutating func number() -> Int {
    last += 1
    return last
  }

  /// A node has dialled in anew: what it was told before may have been lost.
  mutating func forgetWhatWasTold(to node: NodeName) { told = told.filter { $0.key.node != node } }

  /// A place holds nothing any more.
  ///
  /// - Returns: The removals that this was the last of.
  mutating func removed(_ place: CredentialPlace) -> [Removal] {
    told[place] = nil
    for id in removals.keys { removals[id]?.remaining.remove(place) }
    let done = removals.filter { $0.value.remaining.isEmpty }
    for id in done.keys { removals[id] = nil }
    return done.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A node has answered for a place, with what it holds or with why it does not.
  mutating func answered(_ place: CredentialPlace, _ progress: CopyProgress) {
    for id in copies.keys.sorted() where copies[id]?.remaining.remove(place) != nil {
      copies[id]?.watcher.yield(progress)
      guard copies[id]?.remaining.isEmpty == true else { continue }
      copies.removeValue(forKey: id)?.watcher.finish()
    }
  }
}

extension RotationScheduler {
  /// What was not done in time is told as such; marks stay, and whoever comes back does it then.
  func credentialWorkExpired(_ id: Int) {
    if let removal = credentialWork.removals.removeValue(forKey: id) {
      removal.reply(.failure(Self.stillHeld(by: removal.remaining)))
    }
    for place in (credentialWork.copies[id]?.remaining ?? []).sorted() {
      credentialWork.answered(
        place,
        .failed(
          place,
          OperatorFault(
            .unavailable, "node \(place.node)", "has not confirmed in time that it holds the keys of \(place.account)",
            remedy: "see 'asactl status \(place.node)', and the journal of its agent")))
    }
  }

  /// A node's stream has ended.
  func credentialWorkWasLost(on node: NodeName) {
    credentialWork.forgetWhatWasTold(to: node)
    for (id, removal) in credentialWork.removals where removal.remaining.contains(where: { $0.node == node }) {
      credentialWork.removals[id] = nil
      removal.reply(.failure(Self.stillHeld(by: removal.remaining)))
    }
    for copy in credentialWork.copies.values {
      for place in copy.remaining.sorted() where place.node == node {
        credentialWork.answered(place, .failed(place, Self.isAway(node)))
      }
    }
  }

  /// The daemon stops.
  func stopCredentialWork() {
    for removal in credentialWork.removals.values { removal.reply(.failure(Self.stopping)) }
    for copy in credentialWork.copies.values {
      for place in copy.remaining.sorted() { copy.watcher.yield(.failed(place, Self.stopping)) }
      copy.watcher.finish()
    }
    credentialWork = CredentialWork()
  }

  static func isAway(_ node: NodeName) -> OperatorFault {
    OperatorFault(
      .unavailable, "node \(node)", "is not attached", remedy: "it gets its keys by itself as soon as it is")
  }

  private static func stillHeld(by places: Set<CredentialPlace>) -> OperatorFault {
    let names = Set(places.map(\.node)).sorted().map(\.description).joined(separator: ", ")
    return OperatorFault(
      .unavailable, "node \(names)", "has not said that its keys are destroyed",
      remedy:
        "it is told again as soon as it is attached, and is given no key meanwhile; look at the agent's journal there, and at 'asactl status'"
    )
  }
}
