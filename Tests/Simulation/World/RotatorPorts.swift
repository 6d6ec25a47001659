import Foundation
import RotationCore
import SecretMemory

private let dead = OperatorFault(.system, "process", "has crashed")

// MARK: - Directory and KDC

struct SimulatedDirectory: PasswordDirectory {
  let process: RotatorProcess

  func readAccount(_ query: AccountQuery) async throws(OperatorFault) -> DirectoryAccount {
    let account = try await read()
    process.wasShown(account.stamp, rest: RotatorProcess.look)
    return account
  }

  private func read() async throws(OperatorFault) -> DirectoryAccount {
    let answer = await process.ask(or: Result<DirectoryAccount, OperatorFault>.failure(dead)) {
      process.world.read(from: process.world.writer, reply: $0, on: process.site)
    }
    process.hasAsked = true
    return try answer.get()
  }

  func readState(of query: AccountQuery) async throws(OperatorFault) -> AccountState {
    let account = try await read()
    process.wasShown(account.stamp, rest: 0)
    return AccountState(stamp: account.stamp, version: account.version)
  }

  func swapStamp(of query: AccountQuery, from expected: Stamp?, to replacement: Stamp) async -> DirectoryWriteAnswer {
    await write(Modify(site: process.site.index, expected: expected?.description, replacement: replacement))
  }

  func setPassword(
    of query: AccountQuery, to password: SecretBytes, from expected: Stamp, to replacement: Stamp
  ) async -> DirectoryWriteAnswer {
    await write(
      Modify(
        site: process.site.index, expected: expected.description, replacement: replacement,
        password: ToyKeys.number(of: password)))
  }

  /// Never asked for: every account here carries a stamp.
  func resetPassword(of query: AccountQuery, to password: SecretBytes) async -> DirectoryWriteAnswer {
    .notSent(OperatorFault(.software, "simulation", "has no directory without a stamp"))
  }

  /// Never asked for: nobody changes encryption types here.
  func writeEncryptionTypes(
    of query: AccountQuery, from expected: UInt32?, to replacement: UInt32
  ) async -> DirectoryWriteAnswer {
    .notSent(OperatorFault(.software, "simulation", "changes no encryption types"))
  }

  private func write(_ modify: Modify) async -> DirectoryWriteAnswer {
    if process.strikes(.rotatorCrashBeforeWrite) { await process.die() }
    let seam = WriteSeam(process: process, modify: modify)
    let answer = await process.ask(or: DirectoryWriteAnswer.unknown(dead)) { reply in
      process.note("sends \(modify.name) \(modify.replacement)")
      process.world.checkMayWrite(modify, process)
      seam.send { reply($0) }
    }
    switch answer {
    case .applied: process.wasShown(modify.replacement.description, rest: 0)
    case .refused(_, let state): process.wasShown(state.stamp, rest: 0)
    case .notSent, .unknown: break
    }
    if process.strikes(.rotatorCrashAtAnswer) { await process.die() }
    return answer
  }
}

struct SimulatedTickets: TicketChecking {
  let process: RotatorProcess

  func deriveKeys(
    from password: SecretBytes, salt: String, encryptionTypes: [EncryptionType]
  ) async throws(OperatorFault) -> AccountKeys {
    ToyKeys.keys(of: ToyKeys.number(of: password), salt: salt, types: encryptionTypes)
  }

  func requestTicket(for servicePrincipalName: ServicePrincipalName) async throws(OperatorFault) -> ServiceTicket {
    try await process.ask(or: Result<ServiceTicket, OperatorFault>.failure(dead)) {
      process.world.ticket(for: servicePrincipalName, from: process.world.writer, reply: $0)
    }.get()
  }

  func announcedSalt(of samAccountName: String) async throws(OperatorFault) -> String {
    process.world.writer.secret.value.salt
  }

  func verifies(_ checksum: [UInt8], over message: [UInt8], with key: AccountKey) async -> Bool {
    process.world.planted == .checksumsNotVerified || checksum == ToyKeys.tag(message, with: ToyKeys.number(of: key.bytes))
  }
}

// MARK: - Clock, chance, journal

struct SimulatedClock: PolicyClock {
  let process: RotatorProcess

  func now() -> Date { process.site.wallTime }

  func bootInstant() -> BootInstant {
    let site = process.site
    let seconds = process.world.now - site.bootedAt
    return BootInstant(
      boot: site.boot, seconds: process.world.planted == .bootClockFollowsWallClock ? seconds + site.clockError : seconds)
  }

  func monotonicSeconds() -> Double { process.world.now - process.site.bootedAt }

  func sleep(until instant: Date) async throws {
    let delay = max(0, instant.timeIntervalSince(now()))
    try await process.sleep { token in
      // An idle world jumps: a sleep may always end late.
      let lateness = process.isIdle || process.world.isWaitingOut ? process.world.random.seconds(0...process.world.stride) : 0
      process.world.after(delay + lateness) { process.wake(token) }
    }
  }
}

struct SimulatedEntropy: EntropySource {
  let process: RotatorProcess

  func rotationID() -> RotationID {
    RotationID("r\(process.site.name)-\(process.world.unique())") ?? .make()
  }

  func nonce() -> [UInt8] { withUnsafeBytes(of: (process.world.unique(), process.world.unique()), Array.init) }

  func password() -> SecretBytes { ToyKeys.password(process.world.unique()) }
}

struct SimulatedJournal: OutcomeRecording {
  let process: RotatorProcess

  func record(_ record: OutcomeRecord) {
    guard process.isRunning else { return }
    process.note("records \(record.kind.rawValue): \(record.message)")
    process.site.journaled(record)
  }
}
