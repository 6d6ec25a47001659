import Configuration
import Crypto
import CryptoExtras
import Foundation
import NodeAgent
import RotationCore
import Testing
import X509

@Suite("The agent's check of its own identity")
struct NodeIdentityTests {
  let node: TestNode
  let authority: TestAuthority

  init() throws {
    node = try TestNode()
    authority = try TestAuthority()
  }

  private func fault(now: Date = Date()) async -> OperatorFault? {
    do throws(OperatorFault) {
      _ = try await NodeIdentity.load(node.configuration, now: now)
      return nil
    } catch {
      return error
    }
  }

  @Test("A node certificate of the shared authority is accepted, with a P-256 or an RSA key", arguments: [false, true])
  func accepted(isRSA: Bool) async throws {
    let key: Certificate.PrivateKey =
      isRSA ? .init(try _RSA.Signing.PrivateKey(keySize: .bits2048)) : .init(P256.Signing.PrivateKey())
    try node.equip(from: authority, key: key)
    #expect(await fault() == nil)
  }

  @Test(
    "A certificate that does not name this node and nothing else is refused",
    arguments: [
      ([], "exactly one dNSName"), (["cas-1.lab.example", "cas-2.lab.example"], "exactly one dNSName"),
      (["*.lab.example"], "wildcard"), (["cas-2.lab.example"], "configured as node cas-1.lab.example"),
    ])
  func names(names: [String], problem: String) async throws {
    try node.equip(from: authority, names: names)
    let fault = await fault()
    #expect(fault?.kind.exitCode == 78)
    #expect(fault?.subject == "certificate \(node.directory.path)/node.pem")
    #expect(fault?.problem.contains(problem) == true)
  }

  @Test("The node name is compared without regard to case")
  func otherCase() async throws {
    try node.equip(from: authority, names: ["CAS-1.Lab.Example"])
    #expect(await fault() == nil)
  }

  @Test("A server certificate is called one")
  func serverCertificate() async throws {
    try node.equip(from: authority, for: [.serverAuth])
    #expect(await fault()?.problem.contains("is a server certificate") == true)
  }

  @Test("A certificate without any purpose is refused")
  func noPurpose() async throws {
    try node.equip(from: authority, for: [])
    #expect(await fault()?.problem.contains("clientAuth") == true)
  }

  @Test("An expired certificate is refused with the date")
  func expired() async throws {
    try node.equip(from: authority, until: Date() - 10)
    #expect(await fault()?.problem.contains("expired on 20") == true)
  }

  @Test("A certificate of another authority is refused")
  func foreignAuthority() async throws {
    try node.equip(from: authority)
    try node.directory.write("ca.pem", try TestAuthority("Other").pem)
    #expect(await fault()?.problem.contains("is not signed by") == true)
  }

  @Test("A key that others may read is refused", arguments: [0o640, 0o604])
  func openKey(mode: Int) async throws {
    try node.equip(from: authority)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: node.configuration.privateKey)
    let fault = await fault()
    #expect(fault?.kind.exitCode == 78)
    #expect(fault?.subject == "privateKey \(node.configuration.privateKey)")
  }

  @Test("A key of another certificate is refused")
  func otherKey() async throws {
    try node.equip(from: authority)
    try node.directory.write("node.key", P256.Signing.PrivateKey().pemRepresentation)
    #expect(await fault()?.problem.contains("does not belong to") == true)
  }

  @Test("Missing and malformed files are named", arguments: ["node.pem", "node.key", "ca.pem"])
  func unreadable(name: String) async throws {
    try node.equip(from: authority)
    try node.directory.write(name, "nothing of use")
    let malformed = await fault()
    #expect(malformed?.subject.contains(name) == true)
    try FileManager.default.removeItem(atPath: "\(node.directory.path)/\(name)")
    let missing = await fault()
    #expect(missing?.subject.contains(name) == true)
    #expect(missing?.kind.exitCode == 78)
  }
}
