import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import SecretMemory
import Testing

/// Keytabs as they are found where an administrator has looked after them by hand, for years.
extension LabCluster {
  /// Sets so many passwords, one after the other.
  func setPasswords(_ count: Int) async throws {
    for _ in 0..<count { try await changeAccount("replace: unicodePwd", "unicodePwd:: \(Self.randomPassword())") }
  }

  /// What `unicodePwd` takes: a password in double quotes, as UTF-16LE ([MS-ADTS] 3.1.1.3.1.5).
  private static func randomPassword() -> String {
    Data("\"Aa1.\(UUID().uuidString)\"".utf8.flatMap { [$0, 0] }).base64EncodedString()
  }

  /// The account's present keys, for every SPN and for its own principal.
  func exportedEntries() async throws -> [KeytabEntry] {
    let path = "\(directory)/exported-\(UUID().uuidString).keytab"
    let exported = try await lab.result(of: ["export-keytab", accountName, path] + layout.servicePrincipalNames)
    guard exported.status == 0 else { throw LabFixture.CommandFailure(command: ["export-keytab"], result: exported) }
    return try KeytabFile.read(path)
  }

  /// Entries of kvnos that nobody has a ticket under any more, for the same names and encryption types.
  func deadEntries(_ versions: ClosedRange<UInt32>, like entries: [KeytabEntry]) -> [KeytabEntry] {
    versions.flatMap { version in
      var keys: [Int32: AccountKey] = [:]
      return entries.map { entry in
        let type = entry.key.encryptionType
        let key = keys[type] ?? AccountKey(encryptionType: type, bytes: .random(count: entry.key.bytes.count))
        keys[type] = key
        return KeytabEntry(
          principal: entry.principal, realm: entry.realm, version: KeyVersion(version), timestamp: entry.timestamp, key: key)
      }
    }
  }

  /// Puts a keytab where the node's consumers look for it.
  func install(_ entries: [KeytabEntry], on node: String) throws {
    try KeytabFile.write(entries, replacing: keytab(of: node), ownership: FileOwnership(mode: 0o600))
  }

  /// A ticket for one SPN, and whether a node's keytab opens it under that very name: MIT's `kvno -k` tries the keys of all names.
  func namedTicket(for name: String) async throws -> NamedTicket {
    let principal = try #require(lab.rotatorPrincipal.split(separator: "@").first.map(String.init))
    let client = try KerberosClient(
      realm: Realm(lab.realm), kdc: lab.controllerAddress, principal: principal, keytab: lab.rotatorKeytab,
      timeout: .seconds(20))
    let spn = try ServicePrincipalName(name)
    return NamedTicket(name: spn, realm: Realm(lab.realm), ticket: try await client.requestTicket(for: spn))
  }
}

/// A ticket for one SPN that a test holds.
struct NamedTicket: Sendable {
  let name: ServicePrincipalName
  let realm: Realm
  let ticket: ServiceTicket

  func isAccepted(with keytab: String) async throws -> Bool {
    let request = try await ticket.handle.makeChallenge().request
    return (try? TicketAcceptor.accept(request, for: name, realm: realm, keytab: keytab)) != nil
  }
}
