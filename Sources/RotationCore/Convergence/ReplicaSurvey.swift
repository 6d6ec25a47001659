import Foundation

/// What the other domain controllers have of an account before a rotation begins: one that is ahead of the writer, or went another way, forbids
/// it; one that is behind or silent is told, and old keys wait for it.
struct ReplicaSurvey: Sendable {
  /// What was found.
  struct Findings: Sendable {
    /// The controllers that will have to come to issue tickets under the next key.
    var names: [String] = []
    var warnings: [String] = []
    /// The types (RFC 3961 numbers) of the tickets that they have issued.
    var issued: Set<Int32> = []
    /// The controllers that may issue tickets under an older key than the writer does.
    var behind: [String] = []
  }

  let settings: ManagedAccount
  let now: Date

  /// Asks all of them at once.
  ///
  /// - Parameters:
  ///   - account: The account on the writer.
  ///   - record: What the store knows of it.
  ///   - keys: The keys of Latest, where the store has them and the writer's tickets open with them.
  ///   - isTakeover: Whether another claimant's stamp is to be replaced, which they may not have.
  /// - Throws: ``OperatorFault``: `.temporary` if one is ahead, `.data` if one went another way.
  func run(
    _ account: DirectoryAccount, record: AccountRecord, keys: AccountKeys?, isTakeover: Bool
  ) async throws(OperatorFault) -> Findings {
    let names = settings.replicaNames(in: account)
    let standings = await withTaskGroup(of: (String, Standing).self) { group in
      for name in names {
        group.addTask { (name, await standing(of: name, account, record: record, keys: keys, isTakeover: isTakeover)) }
      }
      var standings: [String: Standing] = [:]
      for await (name, standing) in group { standings[name] = standing }
      return standings
    }
    for name in names { if case .wrong(let fault)? = standings[name] { throw fault } }
    let warnings = names.compactMap { standings[$0]?.warning }
    return Findings(
      names: names, warnings: warnings + unlisted(account), issued: Set(standings.values.compactMap(\.issued)),
      behind: names.filter { standings[$0]?.mayLag == true })
  }

  private enum Standing {
    /// In order; the type of its tickets, and what is to be told of it all the same.
    case current(issued: Int32?, warning: String? = nil)
    case behind(String)
    case wrong(OperatorFault)

    var issued: Int32? { if case .current(let issued, _) = self { issued } else { nil } }

    var warning: String? {
      switch self {
      case .current(_, let warning): warning
      case .behind(let warning): warning
      case .wrong: nil
      }
    }

    var mayLag: Bool { if case .behind = self { true } else { false } }
  }

  /// What its tickets say of it.
  private struct Sample {
    var issued: Int32?
    var fork: OperatorFault?
  }

  private func standing(
    of name: String, _ account: DirectoryAccount, record: AccountRecord, keys: AccountKeys?, isTakeover: Bool
  ) async -> Standing {
    do throws(OperatorFault) {
      guard let replica = try settings.replicas?.replica(named: name) else { return .current(issued: nil) }
      let state = try await replica.directory.readReplica(of: settings.query(objectGUID: account.objectGUID))
      if let fault = precedence(of: state, over: account) { return .wrong(fault) }
      if !isTakeover, let fault = divergence(of: state, from: account, record: record) { return .wrong(fault) }
      if state.account.version < account.version { return .behind(lag(of: state, account)) }
      let sample = try await sample(of: replica, state, from: account, keys: keys)
      if let fault = sample.fork { return .wrong(fault) }
      return .current(issued: sample.issued, warning: clockWarning(state.server))
    } catch {
      if record.replicas?[name]?.isGone == true { return .current(issued: nil) }
      return .behind(
        "\(name) cannot be asked (\(error.problem)): keys of before are kept until it issues tickets under the new one")
    }
  }

  private func precedence(of state: ReplicaState, over account: DirectoryAccount) -> OperatorFault? {
    guard state.account.version > account.version else { return nil }
    return OperatorFault(
      .temporary, state.server.dnsHostName,
      "is ahead: it has kvno \(state.account.version) of \(settings.name), and \(account.server.dnsHostName) has \(account.version): somebody has set the password there",
      remedy: "wait until \(account.server.dnsHostName) has replicated it; then see 'asactl status'")
  }

  /// An earlier stamp of our own is one that has not been replicated yet; any other was written there.
  private func divergence(of state: ReplicaState, from account: DirectoryAccount, record: AccountRecord) -> OperatorFault? {
    guard settings.stampAttribute != nil, state.account.stamp != account.stamp, let raw = state.account.stamp else {
      return nil
    }
    if let stamp = Stamp(raw), let known = record.knownStamp, known.follows(stamp) { return nil }
    return OperatorFault(
      .data, state.server.dnsHostName,
      "has forked from \(account.server.dnsHostName): it has the stamp '\(raw)' of \(settings.name), which that has not",
      remedy: "let the two replicate, and find out who has written there")
  }

  private func lag(of state: ReplicaState, _ account: DirectoryAccount) -> String {
    "\(state.server.dnsHostName) is behind: it has kvno \(state.account.version), \(account.server.dnsHostName) has \(account.version); keys of before are kept until it has replicated"
  }

  /// Two passwords that were set on two controllers at the same time have one number (MS-ADTS 3.1.1.4.5.16).
  private func sample(
    of replica: ReplicaController, _ state: ReplicaState, from account: DirectoryAccount, keys: AccountKeys?
  ) async throws(OperatorFault) -> Sample {
    guard let name = settings.ticketNames.first else { return Sample() }
    let ticket = try await replica.tickets.requestTicket(for: name)
    do throws(OperatorFault) { try settings.checkLife(of: ticket, from: replica.name, at: now) } catch {
      return Sample(fork: error)
    }
    // Without a key of the ticket's type nothing can be told.
    let isOurs =
      if let keys, keys.hold(ticket.encryptionType), ticket.version == state.account.version {
        await ticket.handle.opens(with: keys)
      } else {
        true
      }
    return Sample(issued: ticket.encryptionType, fork: isOurs ? nil : fork(ticket, on: replica, from: account))
  }

  private func fork(_ ticket: ServiceTicket, on replica: ReplicaController, from account: DirectoryAccount) -> OperatorFault {
    OperatorFault(
      .data, replica.name,
      "has forked: it issues tickets of kvno \(ticket.version) under another key than \(account.server.dnsHostName): somebody has set the password there",
      remedy: "let the two replicate: one of the two keys will remain; then see 'asactl status'")
  }

  private func clockWarning(_ server: DirectoryServer) -> String? {
    guard abs(server.clockOffset) > Preflight.seconds(settings.policy.clockSkew) else { return nil }
    return "\(server.dnsHostName) has a clock that is \(Preflight.offsetText(server.clockOffset)): its tickets may be refused"
  }

  private func unlisted(_ account: DirectoryAccount) -> [String] {
    guard let configured = settings.replicas?.configured else { return [] }
    let known = Set((configured + [account.server.dnsHostName]).map(\.comparableHostName))
    return account.domainControllers.map(\.dnsHostName.comparableHostName).filter { !known.contains($0) }.map {
      "\($0) is a domain controller too and not under directories.controllers: what it issues tickets under is not known, and no key waits for it"
    }
  }
}

extension ManagedAccount {
  /// The domain controllers beside the writer, by DNS name.
  func replicaNames(in account: DirectoryAccount) -> [String] {
    guard let replicas else { return [] }
    let listed = replicas.configured ?? account.domainControllers.map(\.dnsHostName)
    let writer = account.server.dnsHostName.comparableHostName
    return Set(listed.map(\.comparableHostName)).subtracting([writer]).sorted()
  }
}
