import ActiveDirectory
import ChildProcesses
import Foundation
import Glibc
import Kerberos
import Logging
import RotationCore
import SecretMemory
import Testing

/// An account of a test's own in the lab's directory, and a client that acts as the rotator.
private struct KerberosLab {
  let lab: LabFixture
  let name: String
  let spn: ServicePrincipalName

  var realm: Realm { Realm(lab.realm) }

  /// Makes an account with one SPN; `options` are those of `Tests/Lab/make-account`.
  static func make(_ name: String, _ options: String...) async throws -> KerberosLab {
    let lab = try #require(LabFixture.current)
    let spn = try ServicePrincipalName("http/\(name.lowercased().filter { $0 != "$" }).\(lab.dnsDomain)")
    _ = try await lab.succeed(["make-account", name, "--spn", "\(spn)"] + options)
    return KerberosLab(lab: lab, name: name, spn: spn)
  }

  func client(
    kdc: String? = nil, keytab: String? = nil, timeout: Duration = .seconds(20)
  ) throws -> KerberosClient {
    try KerberosClient(
      realm: realm, kdc: kdc ?? lab.controllerAddress, principal: lab.rotatorName, keytab: keytab ?? lab.rotatorKeytab,
      timeout: timeout)
  }

  func file(_ suffix: String) -> String { "\(lab.state)/tmp/\(name)-\(suffix)" }

  /// The keys that the domain controller holds now, exported by Samba under the account's own name.
  func directoryEntries() async throws -> [KeytabEntry] {
    let path = file("exported-\(UUID().uuidString).keytab")
    _ = try await lab.succeed(["export-keytab", name, path])
    return try KeytabFile.read(path).filter { EncryptionType(rawValue: $0.key.encryptionType) != nil }
  }

  /// Sets a password and derives its keys as a rotation does, from the account's attributes.
  func setPassword(_ kind: DirectoryAccount.Kind = .computer, upn: String? = nil) async throws -> AccountKeys {
    let password = "Lab-\(UUID().uuidString)"
    _ = try await lab.succeed(["samba-tool", "user", "setpassword", name, "--newpassword=\(password)"])
    let bytes = Array(password.utf8)
    return try await client().deriveKeys(
      from: SecretBytes(count: bytes.count) { $0.copyBytes(from: bytes) }, salt: salt(kind, upn: upn),
      encryptionTypes: [.aes256, .aes128])
  }

  func salt(_ kind: DirectoryAccount.Kind, upn: String? = nil) -> String {
    let server = DirectoryServer(
      dnsHostName: "", serviceIdentity: "", invocationID: "", isPDCEmulator: true, clockOffset: 0,
      securityStrength: 256)
    let account = DirectoryAccount(
      objectGUID: UUID(), distinguishedName: "", samAccountName: name, kind: kind, userPrincipalName: upn,
      version: KeyVersion(1), isEnabled: true, supportedEncryptionTypes: 24, servicePrincipalNames: [], stamp: nil,
      passwordLastSet: nil, mayResetPassword: true, mayWriteStamp: true, conflictingHolders: [:], server: server)
    return KeySalt.forNextSet(of: account, realm: realm)
  }

  func entries(_ keys: AccountKeys, _ version: KeyVersion) -> [KeytabEntry] {
    spn.keytabSpellings.flatMap { principal in
      keys.keys.map { KeytabEntry(principal: principal, realm: realm, version: version, timestamp: Date(), key: $0) }
    }
  }

  /// Installs a keytab as a node would.
  func install(_ entries: [KeytabEntry], as suffix: String = "installed.keytab") throws -> String {
    try KeytabFile.write(entries, replacing: file(suffix), ownership: FileOwnership(mode: 0o600))
    return file(suffix)
  }

  func accept(_ challenge: any AcceptanceChallenge, keytab: String) throws -> AcceptedTicket {
    try TicketAcceptor.accept(challenge.request, for: spn, realm: realm, keytab: keytab)
  }
}

extension LabFixture {
  fileprivate var rotatorName: String { String(rotatorPrincipal.prefix { $0 != "@" }) }

  fileprivate func succeed(_ command: [String]) async throws -> String {
    let result = try await result(of: command)
    guard result.status == 0 else { throw CommandFailure(command: command, result: result) }
    return result.output
  }
}

private func isFault(_ error: any Error, _ kind: OperatorFault.Kind) -> Bool { (error as? OperatorFault)?.kind == kind }

@Suite("Tickets from a real domain controller", .needsLab)
struct KerberosTicketLabTests {
  @Test("A computer account's own name gives a ticket under its key while no SPN is registered")
  func ownName() async throws {
    let lab = try #require(LabFixture.current)
    let (client, name) = try await nameless("OWNCOMPUTER$", container: "Computers", in: lab)
    let exported = "\(lab.state)/tmp/own.keytab"
    try await lab.run("export-keytab", "OWNCOMPUTER$", exported)
    let ticket = try await client.requestTicket(for: name)
    let keys = try KeytabFile.read(exported).map(\.key).filter { $0.encryptionType == ticket.encryptionType }
    #expect(await ticket.handle.opens(with: AccountKeys(keys: keys, salt: nil)))
  }

  @Test("A user account's own name gives none")
  func ownNameOfUser() async throws {
    let lab = try #require(LabFixture.current)
    let (client, name) = try await nameless("ownuser", "--user", container: "Users", in: lab)
    await #expect { _ = try await client.requestTicket(for: name) } throws: { isFault($0, .noInput) }
  }

  /// An account without an SPN, and a client that asks for its tickets.
  private func nameless(
    _ account: String, _ options: String..., container: String, in lab: LabFixture
  ) async throws -> (KerberosClient, ServicePrincipalName) {
    let plain = account.filter { $0 != "$" }
    try await lab.run(["make-account", account, "--spn", "http/\(plain).\(lab.dnsDomain)"] + options)
    let domain = lab.dnsDomain.split(separator: ".").map { "DC=\($0)" }.joined(separator: ",")
    try await lab.run(
      "ldbmodify", "-H", "\(lab.state)/dc1/private/sam.ldb",
      input: "dn: CN=\(plain),CN=\(container),\(domain)\nchangetype: modify\ndelete: servicePrincipalName\n")
    let client = try KerberosClient(
      realm: Realm(lab.realm), kdc: lab.controllerAddress, principal: lab.rotatorName, keytab: lab.rotatorKeytab,
      timeout: .seconds(20))
    return (client, ServicePrincipalName(ownNameOf: try AccountName("\(lab.domain)\\\(account)")))
  }

  @Test("Somebody's ticket cache does for a ticket and for a sealed LDAP connection, and is left as it was")
  func ticketCache() async throws {
    let lab = try #require(LabFixture.current)
    let cache = "\(lab.state)/tmp/somebody.ccache"
    try await lab.run(
      "kinit", "-c", "FILE:\(cache)", "Administrator@\(lab.realm)", input: lab.administratorPassword + "\n")
    let before = try Data(contentsOf: URL(fileURLWithPath: cache))
    let client = try KerberosClient(
      realm: Realm(lab.realm), kdc: lab.controllerAddress, ticketCache: "FILE:\(cache)", timeout: .seconds(20))
    let spn = try ServicePrincipalName("ldap/\(lab.controllerHost)")
    #expect(try await client.requestTicket(for: spn).endTime > Date())
    let directory = ActiveDirectoryClient(
      realm: Realm(lab.realm), host: lab.controllerHost, address: lab.controllerAddress, credentials: client,
      timeout: .seconds(20), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let query = AccountQuery(
      name: try AccountName(lab.account), objectGUID: nil, servicePrincipalNames: [], stampAttribute: "adminDescription")
    let account = try await directory.readAccount(query)
    #expect(account.mayResetPassword && account.server.securityStrength >= 128)
    #expect(try Data(contentsOf: URL(fileURLWithPath: cache)) == before)
  }

  @Test("A ticket has the account's kvno, AES-256 and an end, and opens with the directory's keys alone")
  func ticket() async throws {
    let lab = try await KerberosLab.make("KRBTICKET$")
    let entries = try await lab.directoryEntries()
    let keys = AccountKeys(keys: entries.map(\.key), salt: nil)
    let ticket = try await lab.client().requestTicket(for: lab.spn)
    #expect(ticket.version == entries.map(\.version).max())
    #expect(ticket.encryptionType == 18)
    #expect(ticket.endTime > Date().addingTimeInterval(3600))
    #expect(await ticket.handle.opens(with: keys))

    let strangers = keys.keys.map { AccountKey(encryptionType: $0.encryptionType, bytes: .random(count: $0.bytes.count)) }
    #expect(await !ticket.handle.opens(with: AccountKeys(keys: strangers, salt: nil)))
    let weaker = keys.keys.filter { $0.encryptionType != 18 }
    #expect(!weaker.isEmpty)
    #expect(await !ticket.handle.opens(with: AccountKeys(keys: weaker, salt: nil)))
    #expect(await !ticket.handle.opens(with: AccountKeys(keys: [], salt: nil)))
  }

  @Test("A ticket asked for after a password change is under the new key, never from a cache")
  func afterAPasswordChange() async throws {
    let lab = try await KerberosLab.make("KRBFRESH$")
    let client = try lab.client()
    let before = try await client.requestTicket(for: lab.spn)
    let keys = try await lab.setPassword()
    let after = try await client.requestTicket(for: lab.spn)
    #expect(after.version == before.version.next)
    #expect(await after.handle.opens(with: keys))
    #expect(await !before.handle.opens(with: keys))
  }

  @Test("An account without msDS-SupportedEncryptionTypes shows the RC4 that its tickets are really under")
  func weakTicket() async throws {
    let lab = try await KerberosLab.make("KRBWEAK$", "--enctypes", "0")
    #expect(try await lab.client().requestTicket(for: lab.spn).encryptionType == 23)
  }

  @Test("An SPN that no account has is missing input")
  func unknownService() async throws {
    let lab = try await KerberosLab.make("KRBNOSPN$")
    let name = try ServicePrincipalName("http/nowhere.\(lab.lab.dnsDomain)")
    await #expect { try await lab.client().requestTicket(for: name) } throws: { isFault($0, .noInput) }
  }

  @Test("A keytab with a former key is a missing right")
  func staleKeytab() async throws {
    let lab = try await KerberosLab.make("KRBSTALE$")
    let own = try KeytabFile.read(lab.lab.rotatorKeytab).map { entry in
      var entry = entry
      entry.key = AccountKey(encryptionType: entry.key.encryptionType, bytes: .random(count: entry.key.bytes.count))
      return entry
    }
    let client = try lab.client(keytab: lab.install(own, as: "stale.keytab"))
    await #expect { try await client.requestTicket(for: lab.spn) } throws: { isFault($0, .permission) }
  }

  @Test("A KDC address where nothing listens is unavailable")
  func deadController() async throws {
    let lab = try await KerberosLab.make("KRBDEAD$")
    let client = try lab.client(kdc: "127.0.0.99", timeout: .seconds(2))
    await #expect { try await client.requestTicket(for: lab.spn) } throws: { isFault($0, .unavailable) }
  }

  @Test("The KDC is found by name as well")
  func byName() async throws {
    let lab = try await KerberosLab.make("KRBNAME$")
    _ = try await lab.client(kdc: lab.lab.controllerHost).requestTicket(for: lab.spn)
  }
}

@Suite("Acceptance with real tickets", .needsLab)
struct KerberosAcceptanceLabTests {
  @Test("Tickets from before and after a password change are both accepted from a keytab with both kvnos")
  func bothVersions() async throws {
    let lab = try await KerberosLab.make("KRBBOTH$")
    let oldKeys = try await lab.setPassword()
    let old = try await lab.client().requestTicket(for: lab.spn)
    let newKeys = try await lab.setPassword()
    let new = try await lab.client().requestTicket(for: lab.spn)
    let keytab = try lab.install(lab.entries(newKeys, new.version) + lab.entries(oldKeys, old.version))

    for ticket in [old, new] {
      let challenge = try await ticket.handle.makeChallenge()
      let accepted = try lab.accept(challenge, keytab: keytab)
      #expect(accepted.version == ticket.version)
      #expect(accepted.encryptionType == 18)
      #expect(accepted.client == lab.lab.rotatorPrincipal)
      #expect(await challenge.isAnswered(by: accepted.reply))
    }
  }

  @Test("A keytab of the former key refuses a new ticket, and one with another key under the right kvno does too")
  func refusals() async throws {
    let lab = try await KerberosLab.make("KRBREFUSE$")
    // A second kvno: MIT takes an entry under kvno 0 for one of any kvno.
    _ = try await lab.setPassword()
    let ticket = try await lab.client().requestTicket(for: lab.spn)
    let challenge = try await ticket.handle.makeChallenge()
    let wrong = AccountKeys(keys: [AccountKey(encryptionType: 18, bytes: .random(count: 32))], salt: nil)

    let former = try lab.install(lab.entries(wrong, KeyVersion(ticket.version.number - 1)), as: "former.keytab")
    #expect { try lab.accept(challenge, keytab: former) } throws: { isFault($0, .noInput) }
    let foreign = try lab.install(lab.entries(wrong, ticket.version), as: "foreign.keytab")
    #expect { try lab.accept(challenge, keytab: foreign) } throws: { isFault($0, .permission) }
  }

  @Test("One challenge serves several acceptors and the same one again, and the keytab is read afresh each time")
  func repeatedChallenge() async throws {
    let lab = try await KerberosLab.make("KRBAGAIN$")
    let keys = try await lab.setPassword()
    let ticket = try await lab.client().requestTicket(for: lab.spn)
    let challenge = try await ticket.handle.makeChallenge()
    let keytab = try lab.install(lab.entries(keys, ticket.version))
    for _ in 0..<3 {
      let accepted = try lab.accept(challenge, keytab: keytab)
      #expect(await challenge.isAnswered(by: accepted.reply))
    }
    _ = try lab.install([])
    #expect { try lab.accept(challenge, keytab: keytab) } throws: { isFault($0, .noInput) }
  }

  @Test("Only the answer to this very request passes: not a changed one, not another request's, not none")
  func forgedAnswers() async throws {
    let lab = try await KerberosLab.make("KRBFORGE$")
    let keys = try await lab.setPassword()
    let ticket = try await lab.client().requestTicket(for: lab.spn)
    let keytab = try lab.install(lab.entries(keys, ticket.version))
    let challenge = try await ticket.handle.makeChallenge()
    let other = try await ticket.handle.makeChallenge()
    let reply = try lab.accept(challenge, keytab: keytab).reply

    var changed = reply
    changed[changed.count - 1] ^= 1
    #expect(await !challenge.isAnswered(by: changed))
    #expect(await !challenge.isAnswered(by: []))
    #expect(await !challenge.isAnswered(by: challenge.request))
    let otherReply = try lab.accept(other, keytab: keytab).reply
    #expect(await !challenge.isAnswered(by: otherReply))
    #expect(await challenge.isAnswered(by: reply))
  }

  @Test("A keytab that has the SPN in the other spelling of http accepts too", arguments: ["HTTP", "http"])
  func spellings(service: String) async throws {
    let lab = try await KerberosLab.make("KRBSPELL\(service == "HTTP" ? 1 : 2)$")
    let keys = try await lab.setPassword()
    let ticket = try await lab.client().requestTicket(for: lab.spn)
    let entries = lab.entries(keys, ticket.version).filter { $0.principal.hasPrefix("\(service)/") }
    let keytab = try lab.install(entries)
    let challenge = try await ticket.handle.makeChallenge()
    #expect(try lab.accept(challenge, keytab: keytab).version == ticket.version)
  }
}

@Suite("Salts of a real domain controller", .needsLab)
struct KerberosSaltLabTests {
  struct Shape: Sendable {
    let name: String
    let kind: DirectoryAccount.Kind
    var principal: String?
  }

  @Test(
    "The salt computed from the attributes is the one announced, and the keys derived with it open tickets",
    arguments: [
      Shape(name: "KrbSaltMixed$", kind: .computer), Shape(name: "krbSaltUser", kind: .user),
      Shape(name: "krbSaltUpn", kind: .user, principal: "HTTP/upn.lab.example"),
    ])
  func computedSalt(_ shape: Shape) async throws {
    let realm = try #require(LabFixture.current).realm.lowercased()
    let upn = shape.principal.map { "\($0)@\(realm)" }
    let lab =
      switch (shape.kind, upn) {
      case (.computer, _): try await KerberosLab.make(shape.name)
      case (.user, nil): try await KerberosLab.make(shape.name, "--user")
      case (.user, .some(let upn)): try await KerberosLab.make(shape.name, "--user", "--upn", upn)
      }
    let keys = try await lab.setPassword(shape.kind, upn: upn)
    #expect(try await lab.client().announcedSalt(of: shape.name) == lab.salt(shape.kind, upn: upn))
    #expect(try await lab.client().requestTicket(for: lab.spn).handle.opens(with: keys))
  }

  @Test("An account that does not exist is missing input")
  func unknownAccount() async throws {
    let lab = try await KerberosLab.make("KRBNOSALT$")
    await #expect { try await lab.client().announcedSalt(of: "NOBODY$") } throws: { isFault($0, .noInput) }
  }
}

@Suite("Independence of the environment", .needsLab)
struct KerberosEnvironmentLabTests {
  @Test(
    "A broken krb5.conf, cache and keytab in the environment change nothing",
    arguments: ["[libdefaults\n}{", "[libdefaults]\n permitted_enctypes = des-cbc-crc\n default_realm = OTHER.EXAMPLE\n"])
  func hostileEnvironment(configuration: String) async throws {
    let lab = try await KerberosLab.make("KRBENV\(configuration.count)$")
    let keytab = try await lab.install(lab.entries(lab.setPassword(), lab.client().requestTicket(for: lab.spn).version))
    try Data(configuration.utf8).write(to: URL(filePath: lab.file("krb5.conf")))
    await #expect(processExitsWith: .success) {
      [file = lab.file("krb5.conf") as String, spn = "\(lab.spn)" as String, keytab = keytab as String] in
      for name in ["KRB5_CONFIG", "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME", "KRB5RCACHENAME", "KRB5_TRACE"] {
        setenv(name, file, 1)
      }
      try ProcessConfiguration.isolate()
      let lab = try #require(LabFixture.current)
      let client = try KerberosClient(
        realm: Realm(lab.realm), kdc: lab.controllerAddress, principal: lab.rotatorName, keytab: lab.rotatorKeytab,
        timeout: .seconds(20))
      let ticket = try await client.requestTicket(for: ServicePrincipalName(spn))
      let challenge = try await ticket.handle.makeChallenge()
      let accepted = try TicketAcceptor.accept(
        challenge.request, for: ServicePrincipalName(spn), realm: Realm(lab.realm), keytab: keytab)
      let isAnswered = await challenge.isAnswered(by: accepted.reply)
      _ = try await client.credential(for: ServicePrincipalName("ldap/\(lab.controllerHost)")).withHandle { $0 }
      exit(isAnswered ? 0 : 1)
    }
  }
}

@Suite("Resources over many operations", .needsLab)
struct KerberosResourceLabTests {
  @Test("A hundred tickets, challenges and credentials leave no descriptor open and no memory behind")
  func noLeak() async throws {
    let lab = try await KerberosLab.make("KRBLEAK$")
    let keys = try await lab.setPassword()
    let keytab = try await lab.install(lab.entries(keys, lab.client().requestTicket(for: lab.spn).version))
    await #expect(processExitsWith: .success) {
      [spn = "\(lab.spn)" as String, keytab = keytab as String] in
      let lab = try #require(LabFixture.current)
      let client = try KerberosClient(
        realm: Realm(lab.realm), kdc: lab.controllerAddress, principal: lab.rotatorName, keytab: lab.rotatorKeytab,
        timeout: .seconds(20))
      let name = try ServicePrincipalName(spn)
      func work(_ count: Int) async throws {
        for _ in 0..<count {
          let challenge = try await client.requestTicket(for: name).handle.makeChallenge()
          let accepted = try TicketAcceptor.accept(challenge.request, for: name, realm: Realm(lab.realm), keytab: keytab)
          guard await challenge.isAnswered(by: accepted.reply) else { exit(2) }
          _ = try await client.credential(for: ServicePrincipalName("ldap/\(lab.controllerHost)"))
        }
      }
      try await work(30)
      // Some came with the process: it inherits what the other tests have open.
      let descriptors = openDescriptors()
      // The allocator grows for each new thread; what leaks grows in every round.
      var isSteady = false
      for _ in 1...5 where !isSteady {
        let before = residentPages()
        try await work(100)
        isSteady = (residentPages() - before) * sysconf(Int32(_SC_PAGESIZE)) < 1 << 20
      }
      exit(!isSteady ? 3 : openDescriptors() > descriptors + 4 ? 4 : 0)
    }
  }
}

private func residentPages() -> Int {
  let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
  return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
}

private func openDescriptors() -> Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? .max
}
