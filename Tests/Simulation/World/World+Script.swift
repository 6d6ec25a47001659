import Foundation
import RotationCore

// MARK: - What happens by itself

extension World {
  /// Lets the daemons start, the rotations be asked for, and the misfortunes that have a time of their own come.
  func prepare() {
    after(0) { [self] in sites[0].start() }
    if scenario.company != .none { at(scenario.arrival) { [self] in arrive() } }
    for request in scenario.requests { at(request.time) { [self] in rotate(on: sites[request.site]) } }
    for kind in FaultKind.allCases where kind.isTimed {
      for number in 1...3 where strikes(kind) {
        let bits = SplitMix.mixed(seed &+ SplitMix.mixed(UInt64(kind.rawValue * 8 + number)))
        at(2 + SplitMix.unit(bits) * scenario.span) { [self] in
          if !faults.isOver { disturb(kind) }
        }
      }
    }
  }

  /// The second rotator comes: a clone of the first, or a stranger.
  private func arrive() {
    if scenario.company == .copy {
      sites[1].disk = sites[0].disk
      sites[1].revocations = sites[0].revocations
      sites[1].disk.unsyncedSince = nil
      sites[1].isRestored = sites[0].isRestored
    }
    sites[1].start()
  }

  func rotate(on site: RotatorSite, isTakeover: Bool = false, compromise: Compromise? = nil) {
    guard let process = site.process, process.isRunning else { return }
    process.isIdle = false
    process.note(isTakeover ? "is asked to take the account over" : "is asked to rotate")
    _ = process.scheduler?.rotate(Names.account, isDryRun: false, isTakeover: isTakeover, compromise: compromise)
  }

  private func disturb(_ kind: FaultKind) {
    if trace.isOn { trace.add(now, "! \(kind)") }
    let site = random.pick(sites)
    switch kind {
    case .rotatorCrash: site.process?.crashSoon()
    case .rotatorStop: site.process?.stop()
    case .rotatorRebooted: reboot(site)
    case .storeRestored: restoreLater(site)
    case .namesChanged:
      site.names = site.names.count == 1 ? [Names.mail, Names.web] : [Names.mail]
      site.process?.stop()
    case .takeover: rotate(on: site, isTakeover: true)
    case .keysCompromised: rotate(on: site, compromise: Compromise(reason: "somebody has read a keytab"))
    case .controllerCrash: crash(random.pick(controllers))
    case .foreignReset: resetByStranger(at: random.pick(controllers))
    case .streamBreak: random.pick(nodes).streams[site.index].map(cut)
    case .nodeCrash: random.pick(nodes).crash()
    case .nodeWiped: wipe(random.pick(nodes))
    case .revocation: revoke(random.pick(nodes))
    case .clockJump: jump(site)
    case .nodeFrozen: random.pick(nodes).freeze(for: random.seconds(5...120))
    case .rogueOrder: giveRogueOrder(to: random.pick(nodes))
    default: break
    }
  }

  private func reboot(_ site: RotatorSite) {
    site.process?.crashSoon()
    site.boot += "+"
    site.bootedAt = now
  }

  /// A backup of now comes back later.
  private func restoreLater(_ site: RotatorSite) {
    guard site.disk.unsyncedSince == nil else { return }
    let backup = site.disk
    after(random.seconds(5...200)) { [self] in
      guard !faults.isOver, site.process != nil else { return }
      site.isRestored = true
      site.exchangeDisk(for: backup)
      site.process?.note("store restored")
    }
  }

  /// A node that lost everything can be filled again only once the rotator has keys of its own.
  private func wipe(_ node: SimulatedNode) {
    guard node.isUp, sites[0].disk.account?.ledger.slots.contains(where: { $0.committedEpoch != nil }) == true else { return }
    node.wipe()
  }

  /// Before the daemon that just started has asked the directory anything.
  func revokeSoon() {
    after(random.seconds(0...0.02)) { [self] in revoke(random.pick(nodes)) }
  }

  private func revoke(_ node: SimulatedNode) {
    // Revocations are reckoned by the wall clock: whoever attaches while it is behind counts as revoked until it attaches anew.
    guard scenario.rates[FaultKind.clockJump.rawValue] == 0 else { return }
    guard nodes.count > 2, sites[0].revocations.isEmpty, let process = sites[0].process, process.isRunning else { return }
    process.note("revokes \(node.name)")
    if random.chance(0.5) {
      after(random.seconds(60...200)) { [self] in node.certifiedAt = now }
    }
    let (scheduler, name) = (process.scheduler, node.name)
    perform { _ = try? await scheduler?.revoke(name) }
  }

  private func jump(_ site: RotatorSite) {
    let size = random.pick([random.seconds(1...200), random.seconds(200...4000), random.seconds(4000...100_000)])
    site.setClock(error: random.chance(0.5) ? size : -size)
    after(random.seconds(20...300)) { site.setClock(error: 0) }
  }

  /// Runs something asynchronous in this world.
  func perform(_ body: @escaping @Sendable () async -> Void) { Task(executorPreference: executor) { await body() } }
}

// MARK: - The quiet at the end

extension World {
  /// Plays the world to its end.
  func play() {
    prepare()
    run(until: scenario.span)
    checkSchedule()
    calmDown()
    run(until: now + 400, lookingEvery: 50) { hasEverythingEnded }
    retireClone()
    run(until: now + 60)
    checkEverythingEnded()
    waitOut()
    awaken()
    checkOldKeysAreGone()
    rotateOnce()
    checkAllIsWell()
  }

  /// How late an idle rotator's sleep may end in the quiet.
  static let shortStride = 60.0

  /// Lets all tickets end.
  private func waitOut() {
    let lifetime = Self.seconds(scenario.policy.ticketLifetime)
    (stride, isWaitingOut) = (max(3000, lifetime / 3), true)
    run(until: now + lifetime + Self.seconds(scenario.policy.clockSkew) + 2 * stride)
  }

  static func seconds(_ duration: Duration) -> Double { Double(duration.components.seconds) }

  private func calmDown() {
    guard violation == nil else { return }
    faults.isOver = true
    if trace.isOn { trace.add(now, "from now on nothing goes wrong") }
    stride = Self.shortStride
    replicateEverything()
    for site in sites { site.setClock(error: 0) }
    for site in sites { site.process.map(pause) }
    settle()
  }

  /// In the quiet nothing is asked for but what the world asks for.
  func pause(_ process: RotatorProcess) {
    let scheduler = process.scheduler
    perform { _ = try? await scheduler?.pause([Names.account], SchedulePause(reason: "quiet", since: Names.start, until: nil)) }
  }

  /// Two rotators on copies of one store may both be in their right as long as neither has claimed anything since; the administrator stops one.
  private func retireClone() {
    guard violation == nil, scenario.company == .copy, let chosen = authority else { return }
    for site in sites where site !== chosen { site.retire() }
    executor.drain()
  }

  /// Whoever slept longer than a real one would now does what is due.
  private func awaken() {
    (stride, isWaitingOut) = (Self.shortStride, false)
    for site in sites { site.process?.wakeSleepers() }
    settle()
    run(until: now + 10)
  }

  /// One more rotation by whoever is in charge.
  private func rotateOnce() {
    guard violation == nil, let site = authority else { return }
    truth.lastRotation = site.disk.history.count
    truth.lastRequest = site.wallTime
    site.process?.wakeSleepers()
    rotate(on: site)
    settle()
    run(until: now + 200, lookingEvery: 10) { site.disk.history.dropFirst(truth.lastRotation).contains(where: \.isTerminal) }
  }
}
