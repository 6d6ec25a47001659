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
  /// The SPNs that clients ask for, as far as this node tells.
  let namesToFind: [ServicePrincipalName]

  /// What they said.
  struct Answers: Sendable {
    /// What each tells to anybody.
    var controllers: [ControllerEvidence] = []
    /// Why there is none to ask.
    var discoveryFault: OperatorFault?
    /// Whether the newest key in the file is the account's.
    var signOn = SignOnEvidence.unanswered
    /// The account; `nil` if nobody told.
    var account: AdministeredAccount?
    /// Who in the forest has its SPNs, and those in the file; `nil` if nobody told.
    var holders: [ServicePrincipalNameHolder]?
    /// What became of tickets.
    var trials: [TrialEvidence] = []
  }

  private static let timeout = Duration.seconds(5)

  /// Asks.
  func run() async -> Answers {
    var answers = Answers()
    let access: [ControllerAccess]
    do throws(OperatorFault) { access = try await controllers() } catch {
      answers.discoveryFault = error
      return answers
    }
    answers.controllers = await ControllerGroup(access, gathering.progress).ask { controller in
      ControllerEvidence(
        name: controller.name,
        greeting: await result { () async throws(OperatorFault) in try await controller.directory.greet() })
    }
    let present = zip(access, answers.controllers).filter { (try? $1.greeting.get()) != nil }.map(\.0)
    answers.signOn = await SignOnTrial(signOn: ownKey).run(on: present)
    guard let able = answers.signOn == .taken ? present : await withPersonsTicket(present) else { return answers }
    (answers.account, answers.holders) = await description(able)
    let names = keytab.servicePrincipalNames ?? answers.account?.names ?? []
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

  private func description(
    _ controllers: [ControllerAccess]
  ) async -> (AdministeredAccount?, [ServicePrincipalNameHolder]?) {
    for controller in controllers {
      let found = try? await controller.directory.account(.named(keytab.account.samAccountName), stampAttribute: nil)
      guard let found else { continue }
      return (found, try? await controller.directory.forestHolders(of: namesToFind.map(\.description)))
    }
    return (nil, nil)
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

extension AdministeredAccount {
  /// Its SPNs.
  var names: [ServicePrincipalName] { servicePrincipalNames.compactMap { try? ServicePrincipalName($0) } }
}

extension SignOnEvidence {
  /// Whether the key was the account's; `nil` if nobody said so.
  var isKeyTaken: Bool? {
    switch self {
    case .taken: true
    case .keyRefused: false
    case .accountRefused, .withoutKey, .impossible, .unanswered: nil
    }
  }
}
