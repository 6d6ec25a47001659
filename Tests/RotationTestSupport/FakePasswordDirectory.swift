package import Foundation
package import RotationCore
package import SecretMemory
import Synchronization

/// One domain controller with one account: compare-and-swap as a DC does it, and whatever misfortune a test has scripted.
package final class FakePasswordDirectory: PasswordDirectory {
  /// What becomes of one write.
  package enum Fate: Sendable {
    /// It is judged and answered.
    case answered
    /// The answer is lost; the write was judged, or never arrived.
    case lost(applied: Bool)
    /// The answer is lost and the write arrives at ``FakePasswordDirectory/deliverLateWrites()``.
    case late
    /// No connection.
    case notSent
    /// Refused for this reason, whatever the stamp.
    case refused(WriteRefusal.Reason)
    /// No answer until the caller is cancelled; the write was judged first, or not.
    case hung(applied: Bool)
  }

  /// How the tickets are that it issues.
  package struct Issuing: Sendable {
    /// Their encryption type; `nil`: the one that the account's attribute leads to.
    package var encryptionType: Int32?
    /// Their kvno; `nil`: the account's.
    package var version: KeyVersion?
    /// How long they live.
    package var lifetime: TimeInterval = 36_000
    /// The SPNs that stand on another account there, with the kvno of that one.
    package var elsewhere: [String: KeyVersion] = [:]
    /// The SPNs that it knows no account for.
    package var unknown: Set<String> = []
  }

  private struct State {
    var account: DirectoryAccount
    var keys: AccountKeys
    var issuing = Issuing()
    var isReachable = true
    var doReadsHang = false
    var fates: [PortCall.Write: [Fate]] = [:]
    var lateWrites: [Modify] = []
    var passwordsSet: [SecretBytes] = []
    var isResetAfterCommit = false
    var encryptionWrites: [UInt32] = []
  }

  private struct Modify {
    var write: PortCall.Write
    var expected: String?
    /// `nil`: the stamp is left as it is.
    var replacement: String?
    var password: SecretBytes?
  }

  private let state: Mutex<State>
  private let realm: Realm
  private let trace: Chronicle<PortCall>

  /// A DC that holds `account`, whose present password gives `keys`.
  package init(account: DirectoryAccount, keys: AccountKeys, realm: Realm, trace: Chronicle<PortCall>) {
    state = Mutex(State(account: account, keys: keys))
    self.realm = realm
    self.trace = trace
  }

  /// The account as it stands.
  package var account: DirectoryAccount { state.withLock(\.account) }

  /// How often a password was set by anybody who came through the port.
  package var passwordsSet: Int { state.withLock(\.passwordsSet.count) }

  /// Scripts the fates of the next writes of one kind; after them, writes are answered.
  package func script(_ write: PortCall.Write, _ fates: Fate...) { state.withLock { $0.fates[write, default: []] += fates } }

  /// Cuts or restores every connection.
  package func setReachable(_ isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }

  /// Lets reads of the account wait until their caller is cancelled.
  package func setReadsHang(_ doHang: Bool) { state.withLock { $0.doReadsHang = doHang } }

  /// Changes the account behind the rotator's back.
  package func change(_ body: (inout DirectoryAccount) -> Void) { state.withLock { body(&$0.account) } }

  /// How tickets are issued.
  package var issuing: Issuing { state.withLock(\.issuing) }

  /// Changes how tickets are issued.
  package func changeIssuing(_ body: (inout Issuing) -> Void) { state.withLock { body(&$0.issuing) } }

  /// What stands in the directory now, for ``fall(back:to:)``.
  package struct Copy: Sendable {
    fileprivate var account: DirectoryAccount
    fileprivate var keys: AccountKeys
  }

  /// What another domain controller has that gets nothing from now on.
  package func replica() -> Copy { state.withLock { Copy(account: $0.account, keys: $0.keys) } }

  /// This domain controller is gone; another one answers in its place, with what it had last got.
  package func fall(back copy: Copy, to server: String) {
    state.withLock { state in
      (state.account, state.keys) = (copy.account, copy.keys)
      state.account.server.serviceIdentity = server
      state.account.server.dnsHostName = "\(server).lab.example"
    }
  }

  /// Somebody else resets the password.
  package func resetPasswordElsewhere() { state.withLock { reset(&$0) } }

  private func reset(_ state: inout State) {
    state.keys = ToyCryptography.keys(
      of: .random(count: 20), salt: KeySalt.forNextSet(of: state.account, realm: realm),
      encryptionTypes: EncryptionType.allCases)
    state.account.version = state.account.version.next
  }

  /// Somebody else resets the password right after the next commit.
  package func resetAfterNextCommit() { state.withLock { $0.isResetAfterCommit = true } }

  /// Lets the writes arrive whose sender gave up long ago.
  package func deliverLateWrites() {
    state.withLock { state in
      let writes = state.lateWrites
      state.lateWrites = []
      for write in writes { _ = judge(write, &state) }
    }
  }

  /// The keys that tickets are issued under.
  ///
  /// - Throws: ``OperatorFault`` of kind `.unavailable` while the DC is cut off.
  package func issuingKeys() throws(OperatorFault) -> (AccountKeys, KeyVersion) {
    let (isReachable, keys, version) = state.withLock { ($0.isReachable, $0.keys, $0.account.version) }
    guard isReachable else { throw Self.silence }
    return (keys, version)
  }

  /// Reads the account.
  package func readAccount(_ query: AccountQuery) async throws(OperatorFault) -> DirectoryAccount {
    let (isReachable, doHang, account) = state.withLock { ($0.isReachable, $0.doReadsHang, $0.account) }
    if doHang { try? await Task.sleep(for: .seconds(3600)) }
    guard isReachable else { throw Self.silence }
    guard query.controller == nil || query.controller == account.server.identity else { throw Self.otherController }
    return account
  }

  /// Reads stamp and kvno.
  package func readState(of query: AccountQuery) async throws(OperatorFault) -> AccountState {
    let account = try await readAccount(query)
    return AccountState(stamp: account.stamp, version: account.version)
  }

  /// Judges the swap, or does what was scripted.
  package func swapStamp(of query: AccountQuery, from expected: Stamp?, to replacement: Stamp) async -> DirectoryWriteAnswer {
    await perform(
      Modify(
        write: replacement.state == .aborted ? .fence : .claim, expected: expected?.description,
        replacement: replacement.description), of: query)
  }

  /// Judges the set, or does what was scripted.
  package func setPassword(
    of query: AccountQuery, to password: SecretBytes, from expected: Stamp, to replacement: Stamp
  ) async -> DirectoryWriteAnswer {
    await perform(
      Modify(write: .commit, expected: expected.description, replacement: replacement.description, password: password),
      of: query)
  }

  /// Resets the password whatever the stamp, or does what was scripted.
  package func resetPassword(of query: AccountQuery, to password: SecretBytes) async -> DirectoryWriteAnswer {
    await perform(Modify(write: .commit, expected: nil, replacement: nil, password: password), of: query)
  }

  /// What tickets come with: the strongest type that the attribute permits, and RC4 where it is not set.
  package var issuedType: EncryptionType {
    let attribute = SupportedEncryptionTypes(account.supportedEncryptionTypes)
    return (attribute.bits ?? 0) == 0 ? .rc4 : attribute.permitted.first ?? .rc4
  }

  /// The values of msDS-SupportedEncryptionTypes that came through the port.
  package var encryptionWrites: [UInt32] { state.withLock(\.encryptionWrites) }

  /// Judges the write: by the value before, and by the right to it.
  package func writeEncryptionTypes(
    of query: AccountQuery, from expected: UInt32?, to replacement: UInt32
  ) async -> DirectoryWriteAnswer {
    state.withLock { state in
      guard state.isReachable else { return .notSent(Self.silence) }
      guard state.account.mayWriteEncryptionTypes else { return refusal(.accessDenied, state) }
      guard state.account.supportedEncryptionTypes == expected else { return refusal(.other, state) }
      state.account.supportedEncryptionTypes = replacement
      state.encryptionWrites.append(replacement)
      return .applied
    }
  }

  private static let silence = OperatorFault(.unavailable, "dc1.lab.example", "does not answer")

  private static let otherController = OperatorFault(.configuration, "dc1.lab.example", "is another controller than before")

  private func perform(_ modify: Modify, of query: AccountQuery) async -> DirectoryWriteAnswer {
    trace.append(.wrote(modify.write))
    let (answer, isHung) = state.withLock { state in
      guard query.controller == nil || query.controller == state.account.server.identity else {
        return (DirectoryWriteAnswer.notSent(Self.otherController), false)
      }
      let fate = state.fates[modify.write]?.isEmpty == false ? state.fates[modify.write]?.removeFirst() : nil
      return meet(state.isReachable ? fate ?? .answered : .notSent, modify, &state)
    }
    guard isHung else { return answer }
    trace.append(.hung(modify.write))
    // Ends with the caller's cancellation, long before the hour.
    try? await Task.sleep(for: .seconds(3600))
    return answer
  }

  private func meet(_ fate: Fate, _ modify: Modify, _ state: inout State) -> (DirectoryWriteAnswer, isHung: Bool) {
    switch fate {
    case .answered: return (judge(modify, &state), false)
    case .lost(let isApplied):
      if isApplied { _ = judge(modify, &state) }
      return (.unknown(Self.silence), false)
    case .late:
      state.lateWrites.append(modify)
      return (.unknown(Self.silence), false)
    case .notSent: return (.notSent(Self.silence), false)
    case .refused(let reason): return (refusal(reason, state), false)
    case .hung(let isApplied):
      if isApplied { _ = judge(modify, &state) }
      return (.unknown(Self.silence), true)
    }
  }

  private func judge(_ modify: Modify, _ state: inout State) -> DirectoryWriteAnswer {
    if let replacement = modify.replacement {
      guard state.account.stamp == modify.expected else { return refusal(.stampMismatch, state) }
      state.account.stamp = replacement
    }
    if let password = modify.password {
      state.passwordsSet.append(password)
      state.keys = ToyCryptography.keys(
        of: password, salt: KeySalt.forNextSet(of: state.account, realm: realm), encryptionTypes: EncryptionType.allCases)
      state.account.version = state.account.version.next
    }
    if modify.password != nil, state.isResetAfterCommit {
      state.isResetAfterCommit = false
      reset(&state)
    }
    return .applied
  }

  private func refusal(_ reason: WriteRefusal.Reason, _ state: State) -> DirectoryWriteAnswer {
    .refused(
      WriteRefusal(reason, "scripted \(reason.rawValue)"),
      AccountState(stamp: state.account.stamp, version: state.account.version))
  }
}
