package import Foundation

/// The rotator's truth about one account's slots: which keys there are, in which order nodes shall hold them, and when each ends.
///
/// A pure value: every change is an event, and the orders for the nodes are computed from it. Keys are not in here; the store holds
/// them sealed under the rotation's id.
package struct SlotLedger: Sendable, Equatable, Codable {
  /// What a slot's key is worth.
  package enum State: Sendable, Equatable, Codable {
    /// Pushed to nodes, not in the directory. Can become `live`, `held`, or go.
    case staged
    /// The directory has issued tickets under it. Can become `destroyed`.
    case live
    /// The directory may hold it, but a domain controller's ticket did not open with it. Kept until a command decides.
    case held
    /// The key is gone; the slot stays listed for the administrator.
    case destroyed(at: Date)
  }

  /// One slot.
  package struct Slot: Sendable, Equatable, Codable {
    /// The rotation whose password gave the keys.
    package var rotation: RotationID
    /// The kvno.
    package var version: KeyVersion
    /// Names the keys; `nil` for adopted keys, which each node names itself.
    package var fingerprint: KeyFingerprint?
    /// The encryption types (RFC 3961 numbers).
    package var encryptionTypes: [Int32]
    /// When the password was set, or planned to be.
    package var setAt: Date
    /// The epoch under which the directory took the password.
    package var committedEpoch: Epoch?
    /// What the key is worth.
    package var state: State
    /// Since when this store knows that every domain controller has it; `nil` for what was found on nodes.
    var liveSince: Supersession?
    /// The domain controllers, by DNS name, that have not been seen to issue tickets under it or a newer key; `nil` if there is none.
    package internal(set) var unconverged: [String]?
    /// When a newer key took over everywhere; `nil` while it is the newest, or older ones are still issued under somewhere.
    package var superseded: Supersession?
    /// Whether its password may have lived on a lost domain controller only, so that it is to be set again before any new one.
    package var awaitsReplay: Bool?
    /// Whether the store has lost the keys, or never had them, and nodes have them: they keep what they hold under the fingerprint.
    var isOnNodesAlone: Bool?
    /// When older keys end, where they are compromised; `nil`: with their tickets.
    package internal(set) var endOfOlder: EndOfOlder?
  }

  /// An instant from which the life of tickets is counted, on both clocks: of those under the key before, and under a superseded one itself.
  package struct Supersession: Sendable, Equatable, Codable {
    /// On the domain controllers' clock.
    package var time: Date
    /// On CLOCK_BOOTTIME.
    package var boot: BootInstant

    /// Pairs the two readings.
    package init(time: Date, boot: BootInstant) {
      self.time = time
      self.boot = boot
    }

    /// Whether every ticket from before has ended, on the domain controllers' clock AND on CLOCK_BOOTTIME.
    func isOutlived(at now: Date, boot: BootInstant, policy: RotationPolicy) -> Bool {
      let life = SlotLedger.retention(of: policy)
      return now >= time.addingTimeInterval(life) && boot.secondsCertainlyPassed(since: self.boot) >= life
    }
  }

  /// The slots, newest first.
  package internal(set) var slots: [Slot] = []
  /// The rotations whose slots nodes shall destroy; the newest 32 are named in every order.
  package private(set) var dropped: [RotationID] = []
  /// The claim under which orders are given; ``Epoch/zero`` before the first.
  package internal(set) var epoch: Epoch = .zero
  /// The rotation that the epoch is bound to.
  package internal(set) var rotation: RotationID?
  /// Counts orders within the epoch.
  package internal(set) var version: UInt64 = 0
  /// The SPNs of the last order.
  package private(set) var servicePrincipalNames: [ServicePrincipalName] = []

  /// An account that nobody has rotated yet.
  package init() {}

  /// The newest slot that the directory issues tickets under.
  package var latest: Slot? { slots.first { $0.state == .live } }

  /// The newest slot that the directory is known to have had, or may have.
  var newestKnown: Slot? { holding.first { $0.state != .staged } }

  /// The slots whose keys exist.
  package var holding: [Slot] {
    slots.filter { slot in
      if case .destroyed = slot.state { false } else { true }
    }
  }

  /// The position of a slot, as every node and every person sees it; `nil` if the key is gone.
  package func position(of rotation: RotationID) -> SlotPosition? {
    guard let slot = holding.first(where: { $0.rotation == rotation }) else { return nil }
    switch slot.state {
    case .staged: return .next
    case .held, .destroyed: return .retiring
    case .live:
      let live = slots.filter { $0.state == .live }
      switch live.firstIndex(where: { $0.rotation == rotation }) {
      case 0: return .latest
      case 1: return .previous
      default: return .retiring
      }
    }
  }
}

// MARK: - Events

extension SlotLedger {
  /// Keys were found on nodes before the first password of ours. Each is listed once, by kvno; a ledger with keys of our own takes none.
  package mutating func keysWereAdopted(_ reports: [SlotReport]) {
    guard slots.allSatisfy(\.rotation.isAdopted) else { return }
    for report in reports where !slots.contains(where: { $0.rotation == report.rotation }) && !dropped.contains(report.rotation)
    {
      let slot = Slot(
        rotation: report.rotation, version: report.version, fingerprint: nil, encryptionTypes: report.encryptionTypes,
        setAt: report.setAt, committedEpoch: nil, state: .live, superseded: nil)
      let index = slots.firstIndex { $0.version < report.version } ?? slots.endIndex
      slots.insert(slot, at: index)
    }
  }

  /// A rotation that holds the claim begins to stage.
  package mutating func wasStaged(
    _ plan: RotationPlan, servicePrincipalNames names: [ServicePrincipalName]
  ) {
    beginOrders(under: plan.claim, names: names)
    guard !slots.contains(where: { $0.rotation == plan.slot }) else { return }
    slots.insert(Slot(planned: plan, state: .staged), at: slots.startIndex)
  }

  /// The claim has just replaced the stamp that their writes would need: keys that are held, or that nodes hold beside this ledger's (of a
  /// claimant that was taken over) and no ticket has shown, cannot become the directory's any more where they stand under a kvno that it still
  /// has to give. Not to be called while another domain controller's tickets may be alive under one of them.
  package mutating func wasClaimed(_ plan: RotationPlan, over reports: [SlotReport]) {
    let strangers = reports.filter { report in
      !report.rotation.isAdopted && !report.isProven && report.version >= plan.plannedVersion && report.rotation != plan.slot
        && !slots.contains { $0.rotation == report.rotation }
    }
    for rotation in Set(strangers.map(\.rotation)).sorted(by: { $0.description < $1.description }) { drop(rotation) }
    while let held = heldKey(from: plan.plannedVersion) {
      drop(held.rotation)
      slots.removeAll { $0.rotation == held.rotation }
    }
  }

  /// A key that is held, and not to be set again, under this kvno or a later one.
  func heldKey(from version: KeyVersion) -> Slot? {
    slots.first { $0.state == .held && $0.version >= version && $0.awaitsReplay != true }
  }

  /// The rotation was fenced: nodes go back to their former slots. It may never have come to staging, so the names are given here too:
  /// an order without them would empty the keytabs.
  package mutating func wasUnstaged(_ plan: RotationPlan, servicePrincipalNames names: [ServicePrincipalName]) {
    beginOrders(under: plan.fence, names: names)
    guard plan.replayed == nil else { return }
    slots.removeAll { $0.rotation == plan.rotation }
    drop(plan.rotation)
  }

  /// The writer issues tickets under the staged key: it is Latest. Everything older is counted down from `supersession`, or from when the last of
  /// the plan's other domain controllers has it.
  package mutating func wasCommitted(
    _ plan: RotationPlan, as version: KeyVersion, fingerprint: KeyFingerprint, at supersession: Supersession
  ) {
    guard let index = slots.firstIndex(where: { $0.rotation == plan.slot }) else { return }
    var slot = slots.remove(at: index)
    slot.state = .live
    slot.version = version
    slot.fingerprint = fingerprint
    slot.setAt = supersession.time
    slot.liveSince = nil
    slot.unconverged = plan.replicas
    slot.committedEpoch = plan.claim.epoch
    // One that is set again may have been counted down, or listed below an older one, while the directory used that.
    slot.superseded = nil
    let place = slots[..<index].firstIndex { $0.version < version } ?? index
    slots.insert(slot, at: place)
    // Their kvnos are given away.
    for other in slots.indices where slots[other].version <= version { slots[other].awaitsReplay = nil }
    countDown(from: supersession)
    self.version += 1
  }

  /// Tickets of these types open with the slot's keys: they were made of types that were not planned, too.
  mutating func ticketsOpened(of types: [Int32], with rotation: RotationID) {
    guard let index = slots.firstIndex(where: { $0.rotation == rotation }) else { return }
    slots[index].encryptionTypes += Set(types).subtracting(slots[index].encryptionTypes).sorted()
  }

  /// The directory may have taken the write, but no ticket shows it: the key is kept and nothing older is retired.
  ///
  /// - Parameters:
  ///   - issued: The kvno of the ticket that opened with no key of ours. If it is a later one, somebody else's password has come after this one,
  ///     and this key is counted down too.
  package mutating func becameForeign(_ rotation: RotationID, issued: KeyVersion?, at now: Supersession) {
    guard let index = slots.firstIndex(where: { $0.rotation == rotation }), slots[index].state == .staged else { return }
    slots[index].state = .held
    if let issued, issued > slots[index].version { slots[index].superseded = now }
    version += 1
  }

  /// Nodes have seen the directory issue tickets under keys that are only held here: they know the kvno, and the plan had but predicted it.
  package mutating func heldWasProven(_ reports: [SlotReport]) {
    for index in slots.indices where slots[index].state == .held && slots[index].committedEpoch == nil {
      let report = reports.first { $0.rotation == slots[index].rotation && $0.fingerprint == slots[index].fingerprint }
      guard let report, report.isProven, report.version != slots[index].version else { continue }
      slots[index].version = report.version
      version += 1
    }
  }

  /// A node of this epoch has applied a later order than this ledger remembers giving (a restored store): the next one is later still.
  package mutating func nodeWasAhead(_ applied: UInt64) { version = max(version, applied) + 1 }

  /// The daemon started: with other SPNs, or another policy of retention, what is ordered from now on is a new order.
  package mutating func configurationWasLoaded(_ names: [ServicePrincipalName], policyChanged: Bool) {
    guard epoch > .zero, policyChanged || names.map(\.description) != servicePrincipalNames.map(\.description) else { return }
    servicePrincipalNames = names
    version += 1
  }

  private mutating func beginOrders(under stamp: Stamp, names: [ServicePrincipalName]) {
    servicePrincipalNames = names
    if stamp.epoch > epoch {
      epoch = stamp.epoch
      rotation = stamp.rotation
      version = 1
    } else {
      version += 1
    }
  }

  mutating func drop(_ rotation: RotationID) {
    guard !dropped.contains(rotation) else { return }
    dropped.append(rotation)
    dropped = dropped.suffix(32)
  }
}

// MARK: - Retention

extension SlotLedger {
  /// When the key may be destroyed on the domain controllers' clock: no ticket under it can be alive then. `nil`: not limited yet, as is one
  /// whose password has to be set again.
  package func retireAfter(_ slot: Slot, policy: RotationPolicy) -> Date? {
    guard let superseded = slot.superseded, slot.awaitsReplay != true, slot.state == .live || slot.state == .held else {
      return nil
    }
    if isCompromised(slot) { return superseded.time }
    if policy.previous == .keep, position(of: slot.rotation) == .previous { return nil }
    return superseded.time.addingTimeInterval(Self.retention(of: policy))
  }

  /// Destroys every key whose time is over on the domain controllers' clock AND on CLOCK_BOOTTIME; returns their rotations.
  package mutating func timePassed(to now: Date, boot: BootInstant, policy: RotationPolicy) -> [RotationID] {
    let due = slots.filter { slot in
      retireAfter(slot, policy: policy) != nil
        && (isCompromised(slot) || slot.superseded?.isOutlived(at: now, boot: boot, policy: policy) == true)
    }.map(\.rotation)
    guard !due.isEmpty else { return [] }
    for index in slots.indices where due.contains(slots[index].rotation) { slots[index].state = .destroyed(at: now) }
    for rotation in due { drop(rotation) }
    forgetOldestDestroyed()
    version += 1
    return due
  }

  /// Keys that nodes hold though no order names them (a keytab put back by hand, a rotation that a lost store knew of, more keys than one order
  /// names to be destroyed) have an end on their node; once it is over they are dropped, if a newer key of ours has been the directory's for as
  /// long as a ticket lives. Until then one of them may be what domain controllers issue under. One that is in the way of a key of ours is
  /// dropped when no ticket of a lost domain controller can be alive. Returns whether there were any.
  package mutating func unlistedKeysExpired(
    _ reports: [SlotReport], at now: Date, boot: BootInstant, policy: RotationPolicy, isLossOver: Bool
  ) -> Bool {
    guard let latest, epoch > .zero else { return false }
    let isSettled =
      latest.committedEpoch != nil && latest.liveSince?.isOutlived(at: now, boot: boot, policy: policy) == true
    let expired = Set(
      reports.filter { report in
        guard !holding.contains(where: { $0.rotation == report.rotation }), !dropped.contains(report.rotation) else {
          return false
        }
        if areStrangersCompromised, report.version < latest.version { return true }
        guard let end = report.retireAfter, end <= now else { return false }
        return isSettled && report.version < latest.version || isLossOver && isInTheWay(report)
      }.map(\.rotation))
    guard !expired.isEmpty else { return false }
    for rotation in expired.sorted(by: { $0.description < $1.description }) { drop(rotation) }
    version += 1
    return true
  }

  /// Whether a key that nodes hold unasked stands under the kvno of one of ours.
  private func isInTheWay(_ report: SlotReport) -> Bool {
    holding.contains { $0.version == report.version && $0.fingerprint != report.fingerprint && $0.state != .staged }
  }

  static func retention(of policy: RotationPolicy) -> TimeInterval {
    TimeInterval((policy.ticketLifetime + policy.clockSkew).components.seconds)
  }

  private mutating func forgetOldestDestroyed() {
    var listed = 0
    slots.removeAll { slot in
      guard case .destroyed = slot.state else { return false }
      listed += 1
      return listed > 2
    }
  }
}

extension SlotLedger.Slot {
  /// The slot of a password that is not set yet.
  init(planned plan: RotationPlan, state: SlotLedger.State) {
    self.init(
      rotation: plan.rotation, version: plan.plannedVersion, fingerprint: plan.fingerprint,
      encryptionTypes: plan.encryptionTypes.map(\.rawValue), setAt: plan.plannedAt, committedEpoch: nil, state: state,
      superseded: nil)
  }
}

extension SlotLedger {
  /// The slots whose keys are gone, as they stay listed: without encryption types, and with the time at which the keys were destroyed. The
  /// newest takes the place of Previous if nothing else has it.
  var retiredReports: [SlotReport] {
    let hasPrevious = holding.contains { position(of: $0.rotation) == .previous }
    let retired = slots.compactMap { slot -> SlotReport? in
      guard case .destroyed(let time) = slot.state, let fingerprint = slot.fingerprint else { return nil }
      return SlotReport(
        rotation: slot.rotation, version: slot.version, position: .retiring, fingerprint: fingerprint, encryptionTypes: [],
        setAt: slot.setAt, isProven: true, retireAfter: time)
    }
    guard !hasPrevious, var newest = retired.first else { return retired }
    newest.position = .previous
    return [newest] + retired.dropFirst()
  }
}
