import Configuration
import RotationCore

/// A domain as a command administers it: the one controller that is written to, and all of them to read from.
struct AdministeredDirectory: Sendable {
  /// One controller of it.
  struct Seat: Sendable {
    /// Its DNS name.
    let name: String
    /// The way to it.
    let port: any DirectoryAdministering
  }

  /// What one controller answered.
  struct Answer<Value: Sendable>: Sendable {
    /// Its DNS name.
    let controller: String
    /// The answer, or why there is none.
    let result: Result<Value, OperatorFault>

    /// The answer; `nil` if there is none.
    var value: Value? { try? result.get() }
    /// Why there is none; `nil` if there is.
    var fault: OperatorFault? {
      if case .failure(let fault) = result { return fault }
      return nil
    }
  }

  /// Which directory, and as whom it is asked.
  let aim: DirectoryAim
  /// The domain as the first controller that answered describes it.
  let domain: AdministeredDomain
  /// The one that is written to.
  let writer: Seat
  /// All controllers of the domain, the writer first.
  let seats: [Seat]
  /// Tells who is waited for when that takes longer than a second.
  private let progress: ExaminationProgress

  /// Finds the domain and its writer: the controller that the configuration names, else the holder of the PDC emulator role, else the first of
  /// those named that answers and takes writes.
  ///
  /// - Throws: ``OperatorFault``: what the first controller says if none answers; `.noInput` if an account is of another domain.
  static func reach(
    _ aim: DirectoryAim, for account: AccountName? = nil, in environment: CommandEnvironment
  ) async throws(OperatorFault) -> AdministeredDirectory {
    let named = try await aim.reachable()
    let open = { (controller: DirectoryConfiguration.Controller) throws(OperatorFault) in
      Seat(name: controller.name, port: try environment.administration(aim, controller))
    }
    let terminal = environment.terminal
    let progress = ExaminationProgress { if terminal.size() != nil { terminal.warn($0) } }
    let (first, domain) = try await progress.watching { () async throws(OperatorFault) in
      try await firstAnswer(of: named, progress, open)
    }
    try check(account, isOf: domain)
    let all = allControllers(named, of: domain)
    let writer = try writer(of: domain, named: named, all: all, first: first, aim)
    var seats: [Seat] = []
    for controller in all { seats.append(controller.name == first.name ? first : try open(controller)) }
    guard let place = seats.firstIndex(where: { $0.name == writer }) else { throw unwritable(domain) }
    seats.swapAt(0, place)
    return AdministeredDirectory(aim: aim, domain: domain, writer: seats[0], seats: seats, progress: progress)
  }

  /// Asks all controllers at once; the answers come in the order of ``seats``.
  func everywhere<Value: Sendable>(
    _ question: @escaping @Sendable (any DirectoryAdministering) async throws(OperatorFault) -> Value
  ) async -> [Answer<Value>] {
    await ask(seats, question)
  }

  /// Asks some controllers at once; the answers come in their order.
  func ask<Value: Sendable>(
    _ seats: [Seat],
    _ question: @escaping @Sendable (any DirectoryAdministering) async throws(OperatorFault) -> Value
  ) async -> [Answer<Value>] {
    await progress.watching {
      await withTaskGroup(of: (Int, Answer<Value>).self) { group in
        for (index, seat) in seats.enumerated() {
          group.addTask { (index, await answer(of: seat, question)) }
        }
        var answers: [(Int, Answer<Value>)] = []
        for await answer in group { answers.append(answer) }
        return answers.sorted { $0.0 < $1.0 }.map(\.1)
      }
    }
  }

  /// Asks the writer, and the others in turn if it has no global catalog that answers.
  func forest<Value: Sendable>(
    _ question: @escaping @Sendable (any DirectoryAdministering) async throws(OperatorFault) -> Value
  ) async throws(OperatorFault) -> Value {
    var first: OperatorFault?
    for seat in seats {
      let result = await progress.watching { await answer(of: seat, question).result }
      switch result {
      case .success(let value): return value
      case .failure(let fault) where fault.kind == .unavailable: first = first ?? fault
      case .failure(let fault): throw fault
      }
    }
    throw first ?? Self.unwritable(domain)
  }

  private func answer<Value: Sendable>(
    of seat: Seat, _ question: @Sendable (any DirectoryAdministering) async throws(OperatorFault) -> Value
  ) async -> Answer<Value> {
    Answer(
      controller: seat.name,
      result: await progress.attempting(seat.name) { () async throws(OperatorFault) in try await question(seat.port) })
  }

  /// The name of an account of this domain.
  func accountName(_ samAccountName: String) -> String { "\(domain.netBIOSName)\\\(samAccountName)" }
}

// MARK: - Finding it

extension AdministeredDirectory {
  private static func firstAnswer(
    of named: [DirectoryConfiguration.Controller], _ progress: ExaminationProgress,
    _ open: (DirectoryConfiguration.Controller) throws(OperatorFault) -> Seat
  ) async throws(OperatorFault) -> (Seat, AdministeredDomain) {
    var first: OperatorFault?
    for controller in named {
      let seat = try open(controller)
      let described = await progress.attempting(seat.name) { () async throws(OperatorFault) in
        try await seat.port.describeDomain()
      }
      switch described {
      case .success(let domain): return (seat, domain)
      case .failure(let fault): first = first ?? fault
      }
    }
    throw first ?? OperatorFault(.configuration, "the directory", "no domain controller is named", remedy: "name one with --dc")
  }

  private static func check(_ account: AccountName?, isOf domain: AdministeredDomain) throws(OperatorFault) {
    guard let account, account.domain != domain.netBIOSName else { return }
    throw OperatorFault(
      .noInput, "account \(account)", "\(domain.server) serves the domain \(domain.netBIOSName) and not \(account.domain)",
      remedy: "write the account as \(domain.netBIOSName)\\NAME, or say which directory with --realm")
  }

  /// Those that the directory lists, and those that were named, each once; a name that was given with an address keeps it.
  private static func allControllers(
    _ named: [DirectoryConfiguration.Controller], of domain: AdministeredDomain
  ) -> [DirectoryConfiguration.Controller] {
    let known = Set(named.map(\.name.comparableHostName))
    let others = domain.controllers.map(\.dnsHostName.comparableHostName).filter { !known.contains($0) }
    return named + others.map { DirectoryConfiguration.Controller(name: $0) }
  }

  private static func writer(
    of domain: AdministeredDomain, named: [DirectoryConfiguration.Controller], all: [DirectoryConfiguration.Controller],
    first: Seat, _ aim: DirectoryAim
  ) throws(OperatorFault) -> String {
    if case .named(let name) = aim.writer {
      return all.first { $0.name.comparableHostName == name.comparableHostName }?.name ?? name
    }
    let role = domain.pdcEmulator?.comparableHostName
    let candidates = aim.controllers.isEmpty ? all : named
    if let holder = candidates.first(where: { $0.name.comparableHostName == role }) { return holder.name }
    guard !domain.isReadOnly else { throw unwritable(domain) }
    return first.name
  }

  private static func unwritable(_ domain: AdministeredDomain) -> OperatorFault {
    OperatorFault(
      .configuration, "the directory", "none of the domain controllers named takes writes",
      remedy: "name \(domain.pdcEmulator ?? "one that does") with --dc")
  }
}
