import Foundation
import NodeAgent
import RotationCore
import RotationTestSupport
import SecretMemory
import Testing

@Suite("The slot file")
struct SlotFileTests {
  let directory: TestDirectory
  let file: SlotFile

  init() throws {
    directory = try TestDirectory()
    file = SlotFile(path: "\(directory.path)/accounts.slots")
  }

  private func accounts() throws -> [NodeSlots] {
    var salted = Samples.slot(4, .next)
    salted.keys = AccountKeys(keys: Samples.keys().keys, salt: "LAB.EXAMPLEhostx.lab.example")
    let order = try Samples.order(
      rotation: .make(), slots: [salted, Samples.slot(3, .latest, committed: Epoch(era: 1, number: 4))])
    var other = NodeSlots(account: try AccountName("LAB\\svc-web"), realm: Samples.realm, servicePrincipalNames: [])
    other.slots = [AdoptionSamples.slot(2)]
    return [try NodeSlots.empty.after(order), other]
  }

  @Test("What was saved is loaded, to the last key and date")
  func roundTrip() throws {
    let accounts = try accounts()
    try file.save(accounts)
    #expect(try file.load() == accounts)
    #expect(try directory.mode("accounts.slots") == 0o600)
  }

  @Test("An absent file holds nothing")
  func absent() throws {
    #expect(try file.load().isEmpty)
  }

  @Test("Saving leaves no other file behind, also where a crash left one")
  func noLeftovers() throws {
    try directory.write("accounts.slots.new", "left behind")
    try file.save(try accounts())
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["accounts.slots"])
  }

  @Test("A file cut short or changed at any place is refused by name and left alone", arguments: [0, 1, 40, 90, 400, -1, -20])
  func damaged(place: Int) throws {
    try file.save(try accounts())
    var contents = try directory.contents("accounts.slots")
    let index = place < 0 ? contents.count + place : place
    contents[index] ^= 0x20
    try contents.write(to: URL(filePath: file.path))
    let fault = #expect(throws: OperatorFault.self) { try file.load() }
    #expect(fault?.subject == file.path)
    #expect(fault?.kind == .data)
    #expect(try directory.contents("accounts.slots") == contents)
    try contents.prefix(index).write(to: URL(filePath: file.path))
    #expect(throws: OperatorFault.self) { try file.load() }
  }

  @Test("A file of a later format is refused with the way out")
  func laterFormat() throws {
    try directory.write("accounts.slots", "asa-slots 2 0 0 00\n")
    let fault = #expect(throws: OperatorFault.self) { try file.load() }
    #expect(fault?.remedy == "run the agent that wrote it")
  }

  @Test("A file that others may read is refused", arguments: [0o640, 0o604, 0o666])
  func readableByOthers(mode: Int) throws {
    try file.save(try accounts())
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    let fault = #expect(throws: OperatorFault.self) { try file.load() }
    #expect(fault?.kind == .permission)
  }

  @Test("A symbolic link is refused")
  func link() throws {
    try directory.write("elsewhere", "")
    try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "\(directory.path)/elsewhere")
    #expect(throws: OperatorFault.self) { try file.load() }
  }

  @Test("A save that fails leaves the former slots in force")
  func failedSave() throws {
    let former = try accounts()
    try file.save(former)
    // A directory in the place of the temporary file cannot be unlinked, not even by root.
    try FileManager.default.createDirectory(atPath: file.path + ".new", withIntermediateDirectories: false)
    #expect(throws: OperatorFault.self) { try file.save([]) }
    #expect(try file.load() == former)
  }

  @Test("Keys are in the file as raw bytes only, never as text")
  func noKeysAsText() throws {
    let accounts = try accounts()
    try file.save(accounts)
    let contents = try directory.contents("accounts.slots")
    for key in accounts.flatMap(\.slots).flatMap(\.keys.keys) {
      let bytes = key.bytes.withUnsafeBytes { Data($0) }
      #expect(contents.firstRange(of: bytes) != nil)
      let hex = Data(bytes.map { String($0, radix: 16) }.joined().utf8)
      #expect(contents.firstRange(of: hex) == nil)
      #expect(contents.firstRange(of: bytes.base64EncodedData()) == nil)
    }
  }
}

@Suite("The state directory")
struct StateDirectoryTests {
  @Test("The installation id is made once")
  func installation() throws {
    let root = try TestDirectory()
    let first = try StateDirectory(path: root.path).installation
    #expect(UUID(uuidString: first) != nil)
    #expect(try StateDirectory(path: root.path).installation == first)
  }

  @Test("Two agents cannot share it")
  func lock() throws {
    let root = try TestDirectory()
    let held = try StateDirectory(path: root.path)
    let fault = #expect(throws: OperatorFault.self) { try StateDirectory(path: root.path) }
    #expect(fault?.kind == .temporary)
    #expect(held.path == root.path)
  }

  @Test("A directory that is missing is made for the agent alone")
  func made() throws {
    let root = try TestDirectory()
    let made = try StateDirectory(path: root.path + "/none")
    let attributes = try FileManager.default.attributesOfItem(atPath: made.path)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }

  @Test("A directory that is open to others is refused with exit code 78")
  func refused() throws {
    let root = try TestDirectory()
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root.path)
    let open = #expect(throws: OperatorFault.self) { try StateDirectory(path: root.path) }
    #expect(open?.kind.exitCode == 78)
  }

  @Test("An installation file that holds something else is refused, not replaced")
  func foreignInstallation() throws {
    let root = try TestDirectory()
    try root.write("installation", "mine")
    #expect(throws: OperatorFault.self) { try StateDirectory(path: root.path) }
    #expect(try root.contents("installation") == Data("mine".utf8))
  }
}
