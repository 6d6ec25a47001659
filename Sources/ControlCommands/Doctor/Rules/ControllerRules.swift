import ActiveDirectory
import Configuration
package import Foundation
import RotationCore

/// Judges what was seen of a realm's domain controllers, whatever the accounts.
package struct ControllerRules {
  private let realm: RealmEvidence
  private let now: Date

  /// Takes what was seen.
  package init(_ realm: RealmEvidence, now: Date) {
    self.realm = realm
    self.now = now
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    if realm.controllers.isEmpty { return [discovery] }
    return [discovery, signOn] + realm.controllers.flatMap(checks) + [writer, list].compactMap(\.self) + rotator
  }

  private var discovery: DoctorCheck {
    DoctorCheck(
      realm.realm.description, "has domain controllers",
      realm.controllers.isEmpty
        ? DoctorFinding(
          .controllerNone, "realm \(realm.realm)", realm.discoveryFault?.problem ?? "the configuration names none") : nil)
  }

  private var signOn: DoctorCheck {
    let subject = "\(realm.rotator)@\(realm.realm)"
    let claim = "may sign on"
    let words = ["PRINCIPAL": realm.rotator, "FILE": realm.rotatorKeytab]
    return switch realm.signOn {
    case .taken: DoctorCheck(subject, claim, [])
    case .keyRefused(let controller):
      DoctorCheck(
        subject, claim,
        DoctorFinding(.rotatorKeyRefused, subject, "\(controller) refuses the key in \(realm.rotatorKeytab)", words))
    case .accountRefused(let controller, let fault):
      DoctorCheck(subject, claim, DoctorFinding(.rotatorAccount, subject, "\(controller): \(fault.problem)", words))
    case .withoutKey(let fault):
      DoctorCheck(subject, claim, DoctorFinding(.rotatorKeytab, fault.subject, fault.problem, words))
    case .impossible(let fault): DoctorCheck(subject, claim, impossible: fault.description)
    case .unanswered: DoctorCheck(subject, claim, impossible: "no domain controller of \(realm.realm) answered")
    }
  }
}

// MARK: - Each controller

extension ControllerRules {
  private func checks(_ controller: ControllerEvidence) -> [DoctorCheck] {
    let reachability = reachability(of: controller)
    guard case .success(let greeting) = controller.greeting else { return [reachability] }
    return [reachability, clock(controller.name, greeting.clockOffset)] + plainBind(controller.name, greeting.plainBind)
  }

  private func reachability(of controller: ControllerEvidence) -> DoctorCheck {
    let claim = "answers, and lets the rotator sign on with encryption"
    let finding: DoctorFinding? =
      switch (controller.greeting, controller.examination) {
      case (.failure(let fault), _): unreachable(controller, fault)
      case (_, .failure(let fault)?) where fault.kind == .unavailable: unreachable(controller, fault)
      case (_, .failure(let fault)?):
        DoctorFinding(
          .controllerSignOn, controller.name, fault.problem,
          ["REMEDY": fault.remedy.isEmpty ? "check the rotator's account and the clocks" : fault.remedy])
      case (_, .success?), (_, nil): nil
      }
    return DoctorCheck(controller.name, controller.examination == nil ? "answers" : claim, finding)
  }

  private func unreachable(_ controller: ControllerEvidence, _ fault: OperatorFault) -> DoctorFinding {
    DoctorFinding(
      mayBeWriter(controller) ? .writerUnreachable : .controllerUnreachable, controller.name, fault.problem,
      ["CONTROLLER": controller.name])
  }

  /// Whether it is the one that is written to, or may be as far as the others tell.
  private func mayBeWriter(_ controller: ControllerEvidence) -> Bool {
    switch realm.writer {
    case .named(let name): controller.name.comparableHostName == name.comparableHostName
    case .pdcEmulator: realm.writingController == nil
    }
  }

  private func clock(_ name: String, _ offset: TimeInterval) -> DoctorCheck {
    ClockJudgement(tolerance: realm.clockSkew).check(
      name, against: "this host's", offset: offset, words: ["HOST": "this host, or of \(name)"])
  }

  /// Where the answer tells neither, nothing is said.
  private func plainBind(_ name: String, _ answer: ControllerGreeting.PlainBind) -> [DoctorCheck] {
    let claim = "refuses passwords over connections without encryption"
    return switch answer {
    case .unknown: []
    case .refused: [DoctorCheck(name, claim, [])]
    case .taken:
      [
        DoctorCheck(
          name, claim,
          DoctorFinding(
            .controllerPlainBind, name, "it answered a simple bind on port 389 by looking at the name and the password"))
      ]
    }
  }
}

// MARK: - All of them

extension ControllerRules {
  private var writer: DoctorCheck? {
    let subject = "realm \(realm.realm)"
    let claim = "is written to on a domain controller that takes writes"
    let examined = realm.controllers.compactMap(\.examined)
    if let writer = realm.writingController {
      guard let server = writer.examined else { return nil }
      let isReadOnly = server.isReadOnly
      return DoctorCheck(
        subject, claim,
        isReadOnly
          ? DoctorFinding(.writerReadOnly, writer.name, "the directory lists it as a read-only domain controller") : nil)
    }
    // While one is silent, it may be the one.
    guard examined.count == realm.controllers.count, realm.writer == .pdcEmulator else { return nil }
    return DoctorCheck(
      subject, claim,
      DoctorFinding(
        .writerNotEmulator, subject,
        "none of \(realm.controllers.map(\.name).joined(separator: ", ")) holds the PDC emulator role"))
  }

  private var list: DoctorCheck? {
    guard realm.namesControllers, let authority = realm.authority?.examined else { return nil }
    let known = Set(
      (realm.controllers.map(\.name) + realm.controllers.compactMap { try? $0.greeting.get().dnsHostName }).map(
        \.comparableHostName))
    let unlisted = authority.controllers.map(\.dnsHostName).filter { !known.contains($0.comparableHostName) }
    return DoctorCheck(
      "realm \(realm.realm)", "has no domain controller that the configuration does not name",
      unlisted.map {
        DoctorFinding(
          .controllerUnlisted, $0, "\(authority.server.dnsHostName) lists it as a domain controller of \(realm.realm)")
      })
  }
}

// MARK: - The rotator's own account

extension ControllerRules {
  private var rotator: [DoctorCheck] {
    guard let rotator = realm.authority?.examined?.rotator else { return [] }
    let name = rotator.account.samAccountName
    let words = ["PRINCIPAL": name]
    return [
      DoctorCheck(name, "is enabled and does not expire", standing(rotator, words)),
      AccountGroups(rotator).check(name, "is no administrator", .rotatorAdministrator, words),
    ]
  }

  private func standing(_ rotator: ExaminedPrincipal, _ words: [String: String]) -> DoctorFinding? {
    let standing = AccountStanding(rotator, now: now)
    let name = rotator.account.samAccountName
    if let problem = standing.obstacle { return DoctorFinding(.rotatorAccount, name, problem, words) }
    return standing.expiry.map { DoctorFinding(.rotatorExpiring, name, $0, words) }
  }
}
