import ActiveDirectory
import Configuration
import Kerberos
import Logging
import RotationCore

/// Asks the domain controllers about one keytab of this node, signed on as its account.
struct DirectoryTrial: Sendable {
  let gathering: KeytabGathering
  let keytab: KeytabConfiguration
  let realm: Realm

  /// What they said.
  struct Answers: Sendable {
    /// What each tells to anybody.
    var controllers: [ControllerEvidence] = []
    /// Whether the newest key in the file is the account's.
    var isKeyTaken: Bool?
    /// The SPNs on the account.
    var servicePrincipalNames: [ServicePrincipalName]?
    /// What became of tickets.
    var trials: [TrialEvidence] = []
  }

  private static let timeout = Duration.seconds(5)

  /// Asks.
  func run() async -> Answers {
    var answers = Answers()
    guard let access = try? await controllers() else { return answers }
    answers.controllers = await ControllerGroup(access, gathering.progress).ask { controller in
      ControllerEvidence(
        name: controller.name,
        greeting: await result { () async throws(OperatorFault) in try await controller.directory.greet() })
    }
    let present = zip(access, answers.controllers).filter { (try? $1.greeting.get()) != nil }.map(\.0)
    let signOn = await SignOnTrial(signOn: ownKey).run(on: present)
    answers.isKeyTaken = signOn.isKeyTaken
    guard let able = signOn == .taken ? present : await withPersonsTicket(present) else { return answers }
    answers.servicePrincipalNames = await registeredNames(able)
    let names = keytab.servicePrincipalNames ?? answers.servicePrincipalNames ?? []
    answers.trials = await ControllerGroup(able, gathering.progress).ask { await trials(of: names, on: $0) }.flatMap(\.self)
    return answers
  }

  private var ownKey: DirectoryAim.SignOn { .keytab(principal: keytab.account.samAccountName, path: keytab.path) }

  private func controllers() async throws(OperatorFault) -> [ControllerAccess] {
    var named = gathering.controllers
    if named.isEmpty { named = try await DomainControllerLocator.controllers(of: realm).map { .init(name: $0) } }
    return try named.map { (controller) throws(OperatorFault) in try access(to: controller, as: ownKey) }
  }

  private func access(
    to controller: DirectoryConfiguration.Controller, as signOn: DirectoryAim.SignOn
  ) throws(OperatorFault) -> ControllerAccess {
    let aim = DirectoryAim(
      realm: realm, controllers: [controller], site: nil, writer: .pdcEmulator, signOn: signOn, timeout: Self.timeout,
      rotatorPrincipal: nil, stampAttribute: nil, accounts: [])
    return ControllerAccess(
      name: controller.name, directory: try aim.directory(at: controller), kerberos: try aim.kerberos(at: controller))
  }

  /// The same controllers as the person who runs this; `nil` if he has no ticket.
  private func withPersonsTicket(_ present: [ControllerAccess]) async -> [ControllerAccess]? {
    guard let cache = gathering.ticketCache else { return nil }
    let signOn = DirectoryAim.SignOn.ticketCache(cache)
    let addresses = Dictionary(gathering.controllers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let others = present.compactMap { try? access(to: addresses[$0.name] ?? .init(name: $0.name), as: signOn) }
    return await SignOnTrial(signOn: signOn).run(on: others) == .taken ? others : nil
  }

  private func registeredNames(_ controllers: [ControllerAccess]) async -> [ServicePrincipalName]? {
    for controller in controllers {
      let found = try? await controller.directory.account(.named(keytab.account.samAccountName), stampAttribute: nil)
      if let found { return found.servicePrincipalNames.compactMap { try? ServicePrincipalName($0) } }
    }
    return nil
  }

  private func trials(of names: [ServicePrincipalName], on controller: ControllerAccess) async -> [TrialEvidence] {
    var trials: [TrialEvidence] = []
    for name in names {
      do throws(OperatorFault) {
        let ticket = try await controller.kerberos.requestTicket(for: name)
        let challenge = try await ticket.handle.makeChallenge()
        let refusal = await BlockingKeytabs().refusal(of: challenge.request, for: name, realm: realm, by: keytab.path)
        trials.append(
          TrialEvidence(
            controller: controller.name, servicePrincipalName: name, ticket: .success(TicketEvidence(ticket)), refusal: refusal)
        )
      } catch {
        trials.append(
          TrialEvidence(controller: controller.name, servicePrincipalName: name, ticket: .failure(error), refusal: nil))
        if error.kind == .unavailable { break }
      }
    }
    return trials
  }
}

extension SignOnEvidence {
  /// Whether the key was the account's; `nil` if nobody said so.
  fileprivate var isKeyTaken: Bool? {
    switch self {
    case .taken: true
    case .keyRefused: false
    case .accountRefused, .withoutKey, .impossible, .unanswered: nil
    }
  }
}
