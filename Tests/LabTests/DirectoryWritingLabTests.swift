import ActiveDirectory
import Foundation
import RotationCore
import SecretMemory
import Testing

@Suite("Writes to a real domain controller", .enabled(if: DirectoryLab.isRunning))
struct DirectoryWritingLabTests {
  let writer: ActiveDirectoryClient

  init() throws { writer = try DirectoryLab.writer() }

  static func stamp(_ number: UInt64, _ state: Stamp.State = .claimed) -> Stamp {
    Stamp(epoch: Epoch(era: 1, number: number), rotation: RotationID.make(), state: state, rotator: RotatorID.make())
  }

  static func secret(_ text: String) -> SecretBytes { SecretBytes(count: text.utf8.count) { $0.copyBytes(from: text.utf8) } }

  @Test("A stamp is added once, swapped from what it is, and the loser of either learns what is there")
  func compareAndSwap() async throws {
    let query = try await LabAccount().boundQuery(over: writer)
    let version = try await writer.readState(of: query).version
    let (first, second, loser) = (Self.stamp(1), Self.stamp(2), Self.stamp(2))
    #expect(await writer.swapStamp(of: query, from: nil, to: first) == .applied)
    let lostAdd = await writer.swapStamp(of: query, from: nil, to: loser)
    #expect(lostAdd.refusal == .stampMismatch)
    #expect(lostAdd.state == AccountState(stamp: first.description, version: version))
    #expect(await writer.swapStamp(of: query, from: first, to: second) == .applied)
    let lostSwap = await writer.swapStamp(of: query, from: first, to: loser)
    #expect(lostSwap.refusal == .stampMismatch)
    #expect(lostSwap.state == AccountState(stamp: second.description, version: version))
    #expect(try await writer.readState(of: query) == AccountState(stamp: second.description, version: version))
  }

  @Test("An account that is not bound yet is found by name for a write")
  func unboundWrite() async throws {
    let lab = try LabAccount()
    let stamp = Self.stamp(1)
    #expect(await writer.swapStamp(of: lab.query(), from: nil, to: stamp) == .applied)
    #expect(try await writer.readState(of: lab.query()).stamp == stamp.description)
  }

  @Test("Password and stamp change together and the kvno by one", arguments: [DirectoryAccount.Kind.computer, .user])
  func passwordSet(kind: DirectoryAccount.Kind) async throws {
    let query = try await LabAccount(kind).boundQuery(over: writer)
    let (claimed, done) = (Self.stamp(1), Self.stamp(1, .done))
    #expect(await writer.swapStamp(of: query, from: nil, to: claimed) == .applied)
    let before = try await writer.readState(of: query)
    #expect(await writer.setPassword(of: query, to: .generated(), from: claimed, to: done) == .applied)
    let after = AccountState(stamp: done.description, version: before.version.next)
    #expect(try await writer.readState(of: query) == after)
  }

  @Test("A password under a stale stamp is refused whole, and so is the same write once more")
  func stalePassword() async throws {
    let query = try await LabAccount().boundQuery(over: writer)
    let (claimed, done) = (Self.stamp(1), Self.stamp(1, .done))
    let password = GeneratedPassword.make()
    _ = await writer.swapStamp(of: query, from: nil, to: claimed)
    _ = await writer.setPassword(of: query, to: password, from: claimed, to: done)
    let state = try await writer.readState(of: query)
    #expect(state.stamp == done.description)
    let again = await writer.setPassword(of: query, to: password, from: claimed, to: done)
    #expect(again.refusal == .stampMismatch)
    #expect(again.state == state)
    let stale = await writer.setPassword(of: query, to: password, from: Self.stamp(7), to: Self.stamp(8))
    #expect(stale.refusal == .stampMismatch)
    #expect(try await writer.readState(of: query) == state)
  }

  @Test("Without the rights both writes are refused as such and change nothing")
  func accessDenied() async throws {
    let query = try await LabAccount(rights: .none).boundQuery(over: writer)
    let before = try await writer.readState(of: query)
    #expect(await writer.swapStamp(of: query, from: nil, to: Self.stamp(1)).refusal == .accessDenied)
    #expect(try await writer.readState(of: query) == before)
  }

  @Test("With the right to reset alone the combined write is refused and the kvno stays")
  func resetOnlyDenied() async throws {
    let lab = try LabAccount(rights: .resetOnly)
    let claimed = Self.stamp(1)
    try lab.change("add: adminDescription\nadminDescription: \(claimed)")
    let query = try await lab.boundQuery(over: writer)
    let before = try await writer.readState(of: query)
    let answer = await writer.setPassword(of: query, to: .generated(), from: claimed, to: Self.stamp(1, .done))
    #expect(answer.refusal == .accessDenied)
    #expect(answer.state == before)
  }

  @Test("A user's password that is too short is refused by policy, stamp and kvno unmoved")
  func policy() async throws {
    let query = try await LabAccount(.user).boundQuery(over: writer)
    let claimed = Self.stamp(1)
    _ = await writer.swapStamp(of: query, from: nil, to: claimed)
    let before = try await writer.readState(of: query)
    let answer = await writer.setPassword(of: query, to: Self.secret("aB1!"), from: claimed, to: Self.stamp(1, .done))
    #expect(answer.refusal == .passwordPolicy)
    #expect(answer.state == before)
  }

  @Test("A write to an account that is gone was not applied and says that there is none")
  func accountGone() async throws {
    let lab = try LabAccount()
    let query = try await lab.boundQuery(over: writer)
    try lab.delete()
    guard case .unknown(let fault) = await writer.swapStamp(of: query, from: nil, to: Self.stamp(1)) else {
      Issue.record("the write must end without a readable state")
      return
    }
    #expect(fault.kind == .noInput)
  }
}

@Suite("A bad road to a real domain controller", .enabled(if: DirectoryLab.isRunning))
struct DirectoryConnectionLabTests {
  static func proxied(
    _ address: String, timeout: Duration = .seconds(10)
  ) throws -> (ReplyProxy, ActiveDirectoryClient) {
    let proxy = try ReplyProxy(listeningOn: address, target: DirectoryLab.value("DC_ADDRESS"))
    return (proxy, try DirectoryLab.writer(address: address, timeout: timeout))
  }

  @Test(
    "A write whose answer is lost is unknown, and may have been applied",
    arguments: [("127.0.0.41", ReplyProxy.Loss.silence), ("127.0.0.42", .hangUp)])
  func lostAnswer(address: String, loss: ReplyProxy.Loss) async throws {
    let (proxy, writer) = try Self.proxied(address, timeout: .seconds(4))
    defer { proxy.stop() }
    let query = try await LabAccount().boundQuery(over: writer)
    let stamp = DirectoryWritingLabTests.stamp(1)
    // The read that proves the connection alive passes, the answer to the write does not.
    proxy.lose(after: 1, loss)
    guard case .unknown(let fault) = await writer.swapStamp(of: query, from: nil, to: stamp) else {
      Issue.record("a lost answer must be unknown")
      return
    }
    #expect(fault.kind == .unavailable)
    proxy.recover()
    #expect(try await writer.readState(of: query).stamp == stamp.description)
  }

  @Test("A connection that broke while idle does not fail the write: it goes out on a new one")
  func brokenWhileIdle() async throws {
    let (proxy, writer) = try Self.proxied("127.0.0.43")
    defer { proxy.stop() }
    let query = try await LabAccount().boundQuery(over: writer)
    proxy.cut()
    #expect(await writer.swapStamp(of: query, from: nil, to: DirectoryWritingLabTests.stamp(1)) == .applied)
    #expect(try await writer.readAccount(query).server.securityStrength >= 128)
  }

  @Test("Where no global catalog answers, the domain is searched for duplicate SPNs")
  func withoutGlobalCatalog() async throws {
    let (proxy, writer) = try Self.proxied("127.0.0.44")
    defer { proxy.stop() }
    let (lab, other) = (try LabAccount(), try LabAccount(rights: .none))
    let account = try await writer.readAccount(lab.query(spns: [other.servicePrincipalName]))
    #expect(try account.conflictingHolders == [other.servicePrincipalName.description: [other.distinguishedName]])
  }

  @Test("A server that takes the connection and says nothing is unavailable, and a write to it was not sent")
  func silentServer() async throws {
    let (proxy, writer) = try Self.proxied("127.0.0.45", timeout: .seconds(2))
    defer { proxy.stop() }
    proxy.lose(after: 0, .silence)
    let query = try LabAccount(rights: .none).query(bound: UUID())
    let fault = await #expect(throws: OperatorFault.self) { try await writer.readState(of: query) }
    #expect(fault?.kind == .unavailable)
    guard case .notSent = await writer.swapStamp(of: query, from: nil, to: DirectoryWritingLabTests.stamp(1)) else {
      Issue.record("nothing can have been sent")
      return
    }
  }
}

extension SecretBytes {
  fileprivate static func generated() -> SecretBytes { GeneratedPassword.make() }
}

extension DirectoryWriteAnswer {
  fileprivate var refusal: WriteRefusal.Reason? {
    guard case .refused(let refusal, _) = self else { return nil }
    return refusal.reason
  }

  fileprivate var state: AccountState? {
    guard case .refused(_, let state) = self else { return nil }
    return state
  }
}
