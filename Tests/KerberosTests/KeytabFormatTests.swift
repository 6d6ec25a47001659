import ChildProcesses
import Foundation
import Kerberos
import RotationCore
import SecretMemory
import Testing

@Suite("The keytab format")
struct KeytabFormatTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("test.keytab")
  }

  private func write(_ entries: [KeytabEntry]) throws {
    try KeytabFile.write(entries, replacing: path, ownership: FileOwnership(mode: 0o600))
  }

  @Test("What is written is read back, for every kvno and encryption type", arguments: [0, 1, 255, 256, 70_000, UInt32.max])
  func roundTrip(version: UInt32) throws {
    let entries = EncryptionType.allCases.flatMap { type in
      ["HTTP/mail.lab.example", "EXCH2016ASA$", #"odd\/name\@here/with\\slash"#].map {
        KeytabEntry.sample($0, version: version, type: type)
      }
    }
    try write(entries)
    #expect(try KeytabFile.read(path) == entries)
  }

  @Test("An empty keytab is two bytes, and empty when read")
  func empty() throws {
    try write([])
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([5, 2]))
    #expect(try KeytabFile.read(path).isEmpty)
  }

  /// Runs a program of the krb5-user package.
  private static func run(_ command: String..., input: String = "") throws -> FinishedCommand {
    let environment = ["PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C", "KRB5_CONFIG": "/dev/null"]
    return try FinishedCommand(running: command, input: input, environment: environment)
  }

  @Test("klist lists every entry with its kvno, encryption type and time", arguments: [3, 255, 256, 70_000])
  func klistReads(version: UInt32) throws {
    try write(EncryptionType.allCases.map { .sample(version: version, type: $0) })
    let list = try Self.run("klist", "-ekKt", path)
    #expect(list.status == 0)
    for (type, length) in [("aes128", 16), ("aes256", 32)] {
      let key = String(repeating: "5a", count: length)
      let line = list.output.split(separator: "\n").first { $0.contains(type) }
      #expect(line?.contains("HTTP/mail.lab.example@LAB.EXAMPLE") == true)
      #expect(line?.contains("(0x\(key))") == true)
      #expect(line?.contains("11/14/23 22:13:20") == true)
      #expect(line?.split(separator: " ").first == "\(version)")
    }
  }

  @Test("Entries that ktutil wrote are read, 32-bit kvnos among them", arguments: [3, 255, 256, 70_000])
  func ktutilWrites(version: UInt32) async throws {
    let script = """
      addent -password -p HTTP/web.lab.example@LAB.EXAMPLE -k \(version) -e aes256-cts -s LAB.EXAMPLEsvcweb
      Known-Good.Passw0rd!
      wkt \(path)
      quit

      """
    _ = try Self.run("ktutil", input: script)
    let entries = try KeytabFile.read(path)
    #expect(entries.map(\.principal) == ["HTTP/web.lab.example"])
    #expect(entries.map(\.realm) == [Realm("LAB.EXAMPLE")])
    #expect(entries.map(\.version) == [KeyVersion(version)])
    #expect(entries.map(\.key.bytes.hex) == ["dc2ba15df2aa4fb7b5fe75d5a29d35fb172de52bc3d78868e8e74961ca393def"])
    #expect(entries.map(\.key.encryptionType) == [18])
  }

  @Test("The hole that a deleted entry leaves is passed over")
  func holes() throws {
    try write([.sample(version: 1), .sample(version: 2), .sample(version: 3)])
    var image = try Data(contentsOf: URL(filePath: path))
    let length = image[2..<6].reduce(0) { $0 << 8 | Int($1) }
    let second = 2 + 4 + length
    image.replaceSubrange(second..<second + 4, with: withUnsafeBytes(of: Int32(-length).bigEndian, Array.init))
    image.replaceSubrange(second + 4..<second + 4 + length, with: repeatElement(0, count: length))
    try image.write(to: URL(filePath: path))
    #expect(try KeytabFile.read(path).map(\.version) == [KeyVersion(1), KeyVersion(3)])
  }

  @Test("An entry without the 32-bit kvno has its 8-bit one")
  func shortVersion() throws {
    try write([.sample(version: 7)])
    var image = try Data(contentsOf: URL(filePath: path))
    image.removeLast(4)
    let length = image.count - 6
    image.replaceSubrange(2..<6, with: withUnsafeBytes(of: Int32(length).bigEndian, Array.init))
    try image.write(to: URL(filePath: path))
    #expect(try KeytabFile.read(path).map(\.version) == [KeyVersion(7)])
  }

  @Test("A keytab cut anywhere inside an entry is damaged, never shorter")
  func everyTruncation() throws {
    try write([.sample()])
    let image = try Data(contentsOf: URL(filePath: path))
    for length in Array(0..<2) + Array(3..<image.count) {
      try image.prefix(length).write(to: URL(filePath: path))
      #expect("cut to \(length) bytes") { try KeytabFile.read(path) } throws: { ($0 as? OperatorFault)?.kind == .data }
    }
  }

  @Test(
    "Lengths that lie are damage, not a crash",
    arguments: [
      [5, 2, 0x7f, 0xff, 0xff, 0xff], [5, 2, 0x80, 0, 0, 0], [5, 2, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff], [5, 2, 0, 0, 0, 1, 0],
      [5, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [5, 1, 0, 0], [0], [],
    ] as [[UInt8]])
  func lyingLengths(image: [UInt8]) throws {
    try Data(image).write(to: URL(filePath: path))
    #expect { try KeytabFile.read(path) } throws: { ($0 as? OperatorFault)?.kind == .data }
  }

  @Test("Random damage to one byte gives entries or a data fault")
  func flippedBytes() throws {
    try write([.sample(), .sample("EXCH2016ASA$", version: 70_000, type: .aes128)])
    let image = try Data(contentsOf: URL(filePath: path))
    for index in image.indices {
      var damaged = image
      damaged[index] ^= 0xff
      try damaged.write(to: URL(filePath: path))
      do { _ = try KeytabFile.read(path) } catch { #expect(error.kind == .data) }
    }
  }

  @Test("Two keys under one principal, kvno and encryption type are refused, and the one key twice is written once")
  func duplicates() throws {
    #expect { try write([.sample(), .sample(fill: 1)]) } throws: { error in
      guard let fault = error as? OperatorFault else { return false }
      return fault.kind == .data && fault.problem.contains("HTTP/mail.lab.example@LAB.EXAMPLE kvno 3 enctype 18")
    }
    #expect(folder.contents.isEmpty)
    try write([.sample(), .sample()])
    #expect(try KeytabFile.read(path) == [.sample()])
  }
}
