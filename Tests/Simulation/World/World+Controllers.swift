import Foundation
import RotationCore

// MARK: - Writes

extension World {
  /// How long a client waits for a domain controller.
  static let patience = 10.0

  /// Sends a modify; the answer comes once, or `.unknown` when the client has given up.
  func send(_ modify: Modify, from process: RotatorProcess, reply: @escaping (DirectoryWriteAnswer) -> Void) {
    let writer = self.writer
    guard writer.isUp, !strikes(.connectionRefused) else {
      after(delay()) { reply(.notSent(Self.silence(of: writer))) }
      return
    }
    let exchange = Exchange(reply: reply)
    after(Self.patience) { exchange.end(.unknown(Self.silence(of: writer))) }
    if strikes(.rotatorCrashAfterWrite) { after(0) { process.crashSoon() } }
    if strikes(.requestLost) { return }
    let travel = strikes(.requestLate) ? Self.patience + random.seconds(0...90) : delay()
    let life = writer.life
    if modify.password != nil { orderTakeover(from: process.site) }
    if modify.password != nil, strikes(.requestDuplicated) {
      after(travel + random.pick([random.seconds(0...0.2), random.seconds(0...20)])) { [self] in
        if writer.isUp, writer.life == life { arrived(modify, at: writer, Exchange { _ in }) }
      }
    }
    after(travel) { [self] in
      guard writer.isUp, writer.life == life else { return exchange.end(.unknown(Self.silence(of: writer))) }
      arrived(modify, at: writer, exchange)
    }
  }

  /// Somebody orders the other rotator to take the account over, just now.
  private func orderTakeover(from site: RotatorSite) {
    guard let other = sites.first(where: { $0 !== site }), strikes(.takeoverAtCommit) else { return }
    after(random.seconds(0...0.3)) { [self] in
      if !faults.isOver { rotate(on: other, isTakeover: true) }
    }
  }

  private func arrived(_ modify: Modify, at controller: DomainController, _ exchange: Exchange) {
    if strikes(.controllerCrashBeforeWrite) { return crash(controller) }
    if modify.password != nil, strikes(.foreignResetAtWrite) { resetByStranger(at: random.pick(controllers)) }
    let refusal = odd(modify) ?? judge(modify, at: controller)
    if trace.isOn {
      trace.add(now, "\(controller.name) \(modify.name) \(modify.replacement): \(refusal.map(\.message) ?? "applied")")
    }
    if refusal == nil, modify.password != nil, strikes(.foreignResetAfterWrite) {
      resetByStranger(at: random.pick(controllers))
    }
    if strikes(.controllerCrashAfterWrite) { return crash(controller) }
    if strikes(.answerLost) { return }
    let isDisguised = refusal == nil && strikes(.successAsError)
    after(strikes(.answerLate) ? random.seconds(1...20) : delay()) { [self] in
      guard let refusal = isDisguised ? WriteRefusal(.other, "operationsError (1)") : refusal else {
        return exchange.end(.applied)
      }
      // The client reads the account again, and that may fail as well.
      let isReadable = controller.isUp && !strikes(.rereadFailed)
      exchange.end(isReadable ? .refused(refusal, controller.state) : .unknown(Self.silence(of: controller)))
    }
  }

  /// A refusal that has nothing to do with the stamp.
  private func odd(_ modify: Modify) -> WriteRefusal? {
    if strikes(.oddRefusal) {
      return random.pick([
        WriteRefusal(.other, "busy (51)"), WriteRefusal(.accessDenied, "insufficientAccessRights (50)"),
        WriteRefusal(.stampMismatch, "noSuchAttribute (16)"),
      ])
    }
    guard modify.password != nil, strikes(.policyRefusal) else { return nil }
    return WriteRefusal(.passwordPolicy, "constraintViolation (19) 0000052D")
  }

  private func judge(_ modify: Modify, at controller: DomainController) -> WriteRefusal? {
    guard modify.isBlind || controller.stamp.value == modify.expected else {
      return random.pick([
        WriteRefusal(.stampMismatch, "noSuchAttribute (16)"), WriteRefusal(.stampMismatch, "attributeOrValueExists (20)"),
        WriteRefusal(.other, "constraintViolation (19)"),
      ])
    }
    controller.stamp = controller.stamp.written(modify.replacement.description, at: now, by: controller.index)
    if let password = modify.password {
      let salt = controller.secret.value.salt
      let secret = DomainController.Secret(password: password, key: ToyKeys.keyName(of: password, salt: salt), salt: salt)
      let former = controller.secret.value
      controller.secret = controller.secret.written(secret, at: now, by: controller.index)
      passwordWasSet(modify, at: controller)
      issuerChanged(controller, from: former)
    }
    replicate(from: controller)
    return nil
  }

  static func silence(of controller: DomainController) -> OperatorFault {
    OperatorFault(.unavailable, controller.name, "does not answer")
  }

  /// How long a message takes when nothing is wrong.
  func delay() -> Double { strikes(.slowMessage) ? random.seconds(0.5...8) : random.seconds(0.001...0.04) }
}

/// One request that gets one answer.
final class Exchange {
  private var reply: ((DirectoryWriteAnswer) -> Void)?

  init(reply: @escaping (DirectoryWriteAnswer) -> Void) { self.reply = reply }

  func end(_ answer: DirectoryWriteAnswer) {
    reply?(answer)
    reply = nil
  }
}

// MARK: - Replication

extension World {
  /// Every other controller hears of it within the scenario's lag.
  private func replicate(from source: DomainController) {
    for target in controllers where target !== source {
      let part = strikes(.slowReplication) ? random.seconds(0.8...1) : random.seconds(0.02...0.3)
      after(part * lag) { [self] in pull(from: source, to: target) }
    }
  }

  /// Replication catches up, and is quick from then on.
  func replicateEverything() {
    lag = min(lag, 5)
    for source in controllers { replicate(from: source) }
  }

  private func pull(from source: DomainController, to target: DomainController) {
    guard source.isUp, target.isUp else { return after(1) { [self] in pull(from: source, to: target) } }
    merge(source, into: target)
  }

  private func merge(_ source: DomainController, into target: DomainController) {
    var hasNews = false
    if target.stamp.loses(to: source.stamp) {
      target.stamp = source.stamp
      hasNews = true
    }
    if target.secret.loses(to: source.secret) {
      let former = target.secret.value
      target.secret = source.secret
      issuerChanged(target, from: former)
      hasNews = true
    }
    guard hasNews else { return }
    if trace.isOn { trace.add(now, "\(target.name) replicated from \(source.name): kvno \(target.version)") }
    replicate(from: target)
  }

  func crash(_ controller: DomainController) {
    guard controller.isUp else { return }
    controller.isUp = false
    controller.life += 1
    if trace.isOn { trace.add(now, "\(controller.name) is down") }
    after(random.seconds(1...12)) { [self] in
      controller.isUp = true
      // It serves nobody before it has what its partners have.
      for other in controllers where other !== controller && other.isUp { merge(other, into: controller) }
      if trace.isOn { trace.add(now, "\(controller.name) is up") }
    }
  }

  /// Somebody who knows nothing of the rotator resets the password.
  func resetByStranger(at controller: DomainController) {
    guard controller.isUp else { return }
    let former = controller.secret.value
    let password = unique()
    let secret = DomainController.Secret(
      password: password, key: ToyKeys.keyName(of: password, salt: former.salt), salt: former.salt)
    truth.keys[secret.key] = Truth.KeyLife(rotation: nil, isOurs: false)
    truth.wasReset = true
    controller.secret = controller.secret.written(secret, at: now, by: controller.index)
    if trace.isOn { trace.add(now, "\(controller.name) somebody resets the password: kvno \(controller.version)") }
    issuerChanged(controller, from: former)
    replicate(from: controller)
  }
}

// MARK: - Reads

extension World {
  func read(
    from controller: DomainController, reply: @escaping (Result<DirectoryAccount, OperatorFault>) -> Void, on site: RotatorSite
  ) {
    let isLost = strikes(.readFailed)
    after(isLost && random.chance(0.3) ? Self.patience : delay()) { [self] in
      guard controller.isUp, !isLost else { return reply(.failure(Self.silence(of: controller))) }
      reply(.success(account(on: controller, for: site)))
    }
  }

  private func account(on controller: DomainController, for site: RotatorSite) -> DirectoryAccount {
    DirectoryAccount(
      objectGUID: Names.guid, distinguishedName: "CN=ASA", samAccountName: "ASA$", kind: .computer, userPrincipalName: nil,
      version: controller.version, isEnabled: true, supportedEncryptionTypes: 24,
      servicePrincipalNames: [Names.mail.description, Names.web.description], stamp: controller.stamp.value,
      passwordLastSet: nil,
      mayResetPassword: true, mayWriteStamp: true, conflictingHolders: [:],
      domainControllers: controllers.map { ListedController(dnsHostName: $0.name) },
      server: DirectoryServer(
        dnsHostName: controller.name, serviceIdentity: controller.name, invocationID: "", isPDCEmulator: true,
        clockOffset: -site.clockError, securityStrength: 256))
  }

  func ticket(
    for name: ServicePrincipalName, from controller: DomainController,
    reply: @escaping (Result<ServiceTicket, OperatorFault>) -> Void
  ) {
    let isRefused = strikes(.ticketRefused)
    after(delay()) { [self] in
      guard controller.isUp, !isRefused else { return reply(.failure(Self.silence(of: controller))) }
      let lifetime = Double(scenario.policy.ticketLifetime.components.seconds)
      reply(
        .success(
          ServiceTicket(
            servicePrincipalName: name, version: controller.version, encryptionType: scenario.encryptionTypes[0].rawValue,
            endTime: Names.start.addingTimeInterval(now + lifetime),
            handle: ToyTicket(
              key: controller.secret.value.key, version: controller.version, nonce: unique(),
              opensAlways: planted == .versionTrustedWithoutProof))))
    }
  }
}
