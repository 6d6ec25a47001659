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

  /// What was found, per keytab and account; and what the domain controllers told to anybody.
  func evidence() async -> (keytabs: [KeytabEvidence], controllers: [ControllerEvidence]) {
    var found: [KeytabEvidence] = []
    var seen: [String: ControllerEvidence] = [:]
    for keytab in keytabs {
      let entries = await BlockingKeytabs().entries(of: keytab.path)
      let realm = try? entries.get().realm(of: keytab.account)
      let asked = await realm.asyncMap { await DirectoryTrial(gathering: self, keytab: keytab, realm: $0).run() }
      for controller in asked?.controllers ?? [] { seen[controller.name] = controller }
      found.append(evidence(of: keytab, entries, asked))
    }
    let known = ownedPrincipals(found)
    return (found.map { marked($0, known) }, seen.values.sorted { $0.name < $1.name })
  }

  private func evidence(
    of keytab: KeytabConfiguration, _ entries: Result<[KeytabEntry], OperatorFault>, _ asked: DirectoryTrial.Answers?
  ) -> KeytabEvidence {
    KeytabEvidence(
      path: keytab.path, configuration: path, account: keytab.account,
      servicePrincipalNames: keytab.servicePrincipalNames ?? asked?.servicePrincipalNames, wanted: ownership(of: keytab),
      state: FileGathering.state(of: keytab.path),
      entries: entries.map { $0.map { KeytabEntryEvidence($0) } }, isNewestKeyTaken: asked?.isKeyTaken,
      trials: asked?.trials ?? [])
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
          [part.account.samAccountName.lowercased()] + (part.servicePrincipalNames ?? []).map { $0.description.lowercased() }
        })
    }
  }

  private func marked(_ keytab: KeytabEvidence, _ known: [String: Set<String>?]) -> KeytabEvidence {
    var keytab = keytab
    guard let owned = known[keytab.path] ?? nil else { return keytab }
    keytab.entries = keytab.entries.map { entries in
      entries.map { entry in
        var entry = entry
        entry.isOurs = owned.contains(entry.principal.lowercased())
        return entry
      }
    }
    return keytab
  }
}

extension KeytabEntryEvidence {
  /// Takes an entry without its key.
  fileprivate init(_ entry: KeytabEntry) {
    self.init(
      principal: entry.principal, realm: entry.realm, version: entry.version, encryptionType: entry.key.encryptionType,
      isOurs: true)
  }
}

extension [KeytabEntry] {
  /// The realm that an account's entries are of; `nil` for a file without any.
  fileprivate func realm(of account: AccountName) -> Realm? {
    (first { $0.principal.lowercased() == account.samAccountName.lowercased() } ?? first)?.realm
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
