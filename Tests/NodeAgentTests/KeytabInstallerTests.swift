import ChildProcesses
import Configuration
import Foundation
import Kerberos
import NodeAgent
import RotationCore
import RotationTestSupport
import Testing

@Suite("Installing a keytab")
struct KeytabInstallerTests {
  let directory: TestDirectory
  let installer: KeytabInstaller
  let keytab: KeytabConfiguration
  let owner: AccountPrincipals
  let keys = Samples.keys()

  init() throws {
    directory = try TestDirectory()
    let saved = "\(directory.path)/saved"
    try FileManager.default.createDirectory(atPath: saved, withIntermediateDirectories: false)
    installer = KeytabInstaller(savedDirectory: saved)
    keytab = try TestNode.configuration(in: directory).keytabs[0]
    owner = AccountPrincipals(account: try Samples.account, realm: Samples.realm, servicePrincipalNames: [try Samples.mail])
  }

  private var entries: [KeytabEntry] { Samples.entries(3, keys) }

  private func put(_ entries: [KeytabEntry]) throws {
    try KeytabFile.write(entries, replacing: keytab.path, ownership: FileOwnership(mode: 0o640))
  }

  @Test("MIT's klist reads what was installed")
  func klist() throws {
    #expect(try installer.install(entries, at: keytab, owners: [owner]) == .written)
    let listing = try FinishedCommand(running: ["klist", "-ekt", keytab.path])
    #expect(listing.status == 0)
    #expect(listing.output.contains("http/mail.lab.example@LAB.EXAMPLE (aes256-cts-hmac-sha1-96)"))
    #expect(listing.output.contains("EXCH2016ASA$@LAB.EXAMPLE (aes128-cts-hmac-sha1-96)"))
    #expect(try directory.mode("http.keytab") == 0o640)
  }

  @Test("Unchanged content is not written again")
  func unchanged() throws {
    _ = try installer.install(entries, at: keytab, owners: [owner])
    let before = try FileManager.default.attributesOfItem(atPath: keytab.path)[.systemFileNumber] as? Int
    #expect(try installer.install(entries, at: keytab, owners: [owner]) == .unchanged)
    #expect(try FileManager.default.attributesOfItem(atPath: keytab.path)[.systemFileNumber] as? Int == before)
  }

  @Test("A file with other rights than configured is written again")
  func rightsDrifted() throws {
    _ = try installer.install(entries, at: keytab, owners: [owner])
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keytab.path)
    #expect(try installer.install(entries, at: keytab, owners: [owner]) == .written)
    #expect(try directory.mode("http.keytab") == 0o640)
  }

  @Test("A keytab with host/ entries is refused by name and left byte for byte")
  func foreignPrincipals() throws {
    try put(entries + [Samples.entry("host/cas-1.lab.example", 2, keys.keys[0])])
    let before = try directory.contents("http.keytab")
    let fault = #expect(throws: OperatorFault.self) { try installer.install([], at: keytab, owners: [owner]) }
    #expect(fault?.kind.exitCode == 78)
    #expect(fault?.subject == "keytab \(keytab.path)")
    #expect(fault?.problem.contains("host/cas-1.lab.example@LAB.EXAMPLE") == true)
    #expect(fault?.remedy.contains("keytab of their own") == true)
    #expect(try directory.contents("http.keytab") == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/saved").isEmpty)
  }

  @Test(
    "An account's names are its own in any spelling, in its own realm alone",
    arguments: [
      ("HTTP/MAIL.lab.example", "LAB.EXAMPLE", true), ("exch2016asa$", "LAB.EXAMPLE", true),
      ("http/mail.lab.example", "OTHER.EXAMPLE", false), ("http/mail2.lab.example", "LAB.EXAMPLE", false),
      ("EXCH2016ASA", "LAB.EXAMPLE", false),
    ])
  func ownNames(principal: String, realm: String, isOwn: Bool) {
    var entry = Samples.entry(principal, 1, keys.keys[0])
    entry.realm = Realm(realm)
    #expect(owner.owns(entry) == isOwn)
  }

  @Test("The file as it was is saved once, before the first overwrite")
  func savedCopy() throws {
    try put(entries)
    let original = try directory.contents("http.keytab")
    _ = try installer.install(Samples.entries(4, keys), at: keytab, owners: [owner])
    _ = try installer.install(Samples.entries(5, keys), at: keytab, owners: [owner])
    let saved = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/saved")
    #expect(saved.count == 1)
    let name = try #require(saved.first)
    #expect(name.hasSuffix(".keytab"))
    #expect(try directory.contents("saved/\(name)") == original)
    #expect(try directory.mode("saved/\(name)") == 0o600)
  }

  @Test("No key of ours is ever saved where there was no file before")
  func nothingToSave() throws {
    _ = try installer.install(entries, at: keytab, owners: [owner])
    _ = try installer.install(Samples.entries(4, keys), at: keytab, owners: [owner])
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/saved") {
      #expect(try directory.contents("saved/\(name)").isEmpty)
    }
  }

  @Test("A missing directory, a link and a directory in the place of the keytab are refused with exit code 78")
  func unusablePaths() throws {
    var elsewhere = keytab
    elsewhere.path = "\(directory.path)/none/http.keytab"
    let missing = #expect(throws: OperatorFault.self) { try installer.check(elsewhere.path, owners: [owner]) }
    #expect(missing?.kind.exitCode == 78)
    try put(entries)
    elsewhere.path = "\(directory.path)/link.keytab"
    try FileManager.default.createSymbolicLink(atPath: elsewhere.path, withDestinationPath: keytab.path)
    let link = #expect(throws: OperatorFault.self) { try installer.install(entries, at: elsewhere, owners: [owner]) }
    #expect(link?.kind.exitCode == 78)
    let folder = #expect(throws: OperatorFault.self) { try installer.check("\(directory.path)/saved", owners: [owner]) }
    #expect(folder?.kind.exitCode == 78)
  }

  @Test("An owner or group that the machine does not know is refused", arguments: ["owner", "group"])
  func unknownOwner(kind: String) throws {
    var strange = keytab
    if kind == "owner" { strange.owner = "no-such-user" } else { strange.group = "no-such-group" }
    let fault = #expect(throws: OperatorFault.self) { try installer.install(entries, at: strange, owners: [owner]) }
    #expect(fault?.problem.contains("no-such") == true)
    #expect(!directory.exists("http.keytab"))
  }
}
