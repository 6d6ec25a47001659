import ActiveDirectory
import Configuration
import Glibc
import Kerberos
import RotationCore

/// Tries this node's keytabs on fresh tickets, as an acceptor would, signed on as the accounts that they are of.
struct KeytabGathering: Sendable {
  /// The keytabs of this node.
  let keytabs: [KeytabConfiguration]
  /// The configuration that names them.
  let path: String
  /// The domain controllers to ask; empty: those that DNS names.
  let controllers: [DirectoryConfiguration.Controller]
  /// The ticket of whoever runs this, for where the account's own key is refused.
  let ticketCache: String?
  let progress: ExaminationProgress

  /// What was found, per keytab and account; what the domain controllers told to anybody; and what they have of the accounts.
  func evidence() async -> (keytabs: [KeytabEvidence], controllers: [ControllerEvidence], accounts: [NodeAccountEvidence]) {
    var found: [KeytabEvidence] = []
    var seen: [String: ControllerEvidence] = [:]
    var accounts: [NodeAccountEvidence] = []
    for keytab in keytabs {
      let entries = await BlockingKeytabs().entries(of: keytab.path)
      let names = keytab.servicePrincipalNames ?? (try? entries.get().newestNames(of: keytab.account)) ?? []
      let realm = try? entries.get().realm(of: keytab.account)
      let asked = await realm.asyncMap {
        await DirectoryTrial(gathering: self, keytab: keytab, realm: $0, namesToFind: names).run()
      }
      for controller in asked?.controllers ?? [] { seen[controller.name] = controller }
      if let asked { accounts.append(NodeAccountEvidence(keytab, names, asked)) }
      found.append(evidence(of: keytab, entries, asked))
    }
    let known = ownedPrincipals(found)
    return (found.map { marked($0, known) }, seen.values.sorted { $0.name < $1.name }, accounts)
  }

  private func evidence(
    of keytab: KeytabConfiguration, _ entries: Result<[KeytabEntry], OperatorFault>, _ asked: DirectoryTrial.Answers?
  ) -> KeytabEvidence {
    KeytabEvidence(
      path: keytab.path, configuration: path, account: keytab.account,
      servicePrincipalNames: keytab.servicePrincipalNames ?? asked?.account?.names, wanted: ownership(of: keytab),
      state: FileGathering.state(of: keytab.path), entries: entries.map(\.evidence),
      isNewestKeyTaken: asked?.signOn.isKeyTaken, trials: asked?.trials ?? [], strangers: strangers(keytab),
      registeredNames: asked?.account?.servicePrincipalNames, obstacle: asked?.obstacle)
  }

  /// Where no owner is configured, any that the machine knows will do.
  private func strangers(_ keytab: KeytabConfiguration) -> [String] {
    guard case .present(let user, let group, _) = FileGathering.state(of: keytab.path) else { return [] }
    let nobody: UInt32 = 65_534
    let isUserStrange = keytab.owner == nil && (user == nobody || getpwuid(user) == nil)
    let isGroupStrange = keytab.group == nil && (group == nobody || getgrgid(group) == nil)
    return (isUserStrange ? ["it belongs to user \(user), who is nobody on this machine"] : [])
      + (isGroupStrange ? ["its group is \(group), which is none of this machine"] : [])
  }

  private func ownership(of keytab: KeytabConfiguration) -> FileEvidenceOwnership {
    FileEvidenceOwnership(
      owner: keytab.owner, user: keytab.owner.flatMap { getpwnam($0)?.pointee.pw_uid }, groupName: keytab.group,
      group: keytab.group.flatMap { getgrnam($0)?.pointee.gr_gid }, mode: keytab.mode)
  }

  /// Per file, the principals of its accounts; `nil` where the SPNs of one are not known, and nothing can be called foreign.
  private func ownedPrincipals(_ found: [KeytabEvidence]) -> [String: Set<String>?] {
    Dictionary(grouping: found, by: \.path).mapValues { parts in
      guard parts.allSatisfy({ $0.servicePrincipalNames != nil }) else { return nil }
      return Set(
        parts.flatMap { part in
          [part.account.samAccountName.lowercased()]
            + ((part.servicePrincipalNames ?? []).map(\.description) + (part.registeredNames ?? [])).map { $0.lowercased() }
        })
    }
  }

  /// An SPN that was taken off the account, or is not on it yet, is no foreign one: it shows by having the account's key.
  private func marked(_ keytab: KeytabEvidence, _ known: [String: Set<String>?]) -> KeytabEvidence {
    var keytab = keytab
    guard let owned = known[keytab.path] ?? nil else { return keytab }
    keytab.entries = keytab.entries.map { entries in
      let ownKeys = Set(entries.filter { owned.contains($0.principal.lowercased()) }.map(\.key))
      // Without one of the account's own nothing is known, unless it is known by name.
      guard !ownKeys.isEmpty || owned.contains(where: { $0.contains("/") }) else { return entries }
      return entries.map { entry in
        var entry = entry
        entry.isOurs = owned.contains(entry.principal.lowercased()) || ownKeys.contains(entry.key)
        return entry
      }
    }
    return keytab
  }
}

extension [KeytabEntry] {
  /// The entries without their keys.
  fileprivate var evidence: [KeytabEntryEvidence] {
    var seen: [KeytabEntry] = []
    return map { entry in
      let key = seen.firstIndex { $0.hasKey(of: entry) } ?? seen.count
      if key == seen.count { seen.append(entry) }
      return KeytabEntryEvidence(
        principal: entry.principal, realm: entry.realm, version: entry.version, encryptionType: entry.key.encryptionType,
        isOurs: true, key: key)
    }
  }

  /// The SPNs with the account's newest kvno, each in one spelling; one with another key than the account's own name is not the account's.
  fileprivate func newestNames(of account: AccountName) -> [ServicePrincipalName] {
    let own = filter { $0.principal.lowercased() == account.samAccountName.lowercased() }
    let newest = (own.isEmpty ? self : own).map(\.version).max()
    let ours = filter { entry in entry.version == newest && (own.isEmpty || own.contains { $0.hasKey(of: entry) }) }
    let names = ours.map(\.principal).filter { $0.contains("/") }
    let spelled = Dictionary(grouping: names) { $0.lowercased() }.compactMap { $0.value.max() }.sorted()
    return spelled.compactMap { try? ServicePrincipalName($0) }
  }

  /// The realm that an account's entries are of; `nil` for a file without any.
  fileprivate func realm(of account: AccountName) -> Realm? {
    (first { $0.principal.lowercased() == account.samAccountName.lowercased() } ?? first)?.realm
  }
}

extension KeytabEntry {
  fileprivate func hasKey(of other: KeytabEntry) -> Bool {
    version == other.version && key.encryptionType == other.key.encryptionType && key.bytes == other.key.bytes
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Value>(_ body: (Wrapped) async -> Value) async -> Value? {
    if let self { await body(self) } else { nil }
  }
}

/// Reads keytabs and accepts tickets with them, on a thread that may block.
actor BlockingKeytabs {
  nonisolated private let executor = BlockingExecutor(label: "keytab examination")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// The entries of a file.
  func entries(of path: String) -> Result<[KeytabEntry], OperatorFault> {
    do throws(OperatorFault) { return .success(try KeytabFile.read(path)) } catch { return .failure(error) }
  }

  /// Why a keytab does not open a request; `nil` if it does.
  func refusal(of request: [UInt8], for name: ServicePrincipalName, realm: Realm, by path: String) -> OperatorFault? {
    do throws(OperatorFault) {
      _ = try TicketAcceptor.accept(request, for: name, realm: realm, keytab: path)
      return nil
    } catch { return error }
  }
}
