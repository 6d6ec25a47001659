import Foundation
import Glibc
import Kerberos
import PosixStatus
import RotationCore
import SecretMemory
import Testing

@Suite("Replacing a keytab")
struct KeytabReplacementTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("http.keytab")
  }

  private func write(
    _ entries: [KeytabEntry] = [.sample(version: 2)], to path: String? = nil, user: UInt32? = nil, group: UInt32? = nil,
    mode: UInt32 = 0o600
  ) throws(OperatorFault) {
    let ownership = FileOwnership(user: user, group: group, mode: mode)
    try KeytabFile.write(entries, replacing: path ?? self.path, ownership: ownership)
  }

  private func status(_ path: String) -> FileStatus? { FileStatus(path: path) }

  private func expectRefusal(_ kind: OperatorFault.Kind, _ body: () throws -> Void) {
    #expect { try body() } throws: { ($0 as? OperatorFault)?.kind == kind }
  }

  @Test("The new file takes the place of the old one and nothing else is left")
  func replacement() throws {
    try write([.sample(version: 1)])
    let old = status(path)?.inode
    try write([.sample(version: 2)])
    #expect(status(path)?.inode != old)
    #expect(try KeytabFile.read(path).map(\.version) == [KeyVersion(2)])
    #expect(folder.contents == ["http.keytab"])
  }

  @Test("A reader that has the old file open keeps reading the old keys")
  func openReaders() throws {
    try write([.sample(version: 1)])
    let before = try Data(contentsOf: URL(filePath: path))
    let reader = try #require(FileHandle(forReadingAtPath: path))
    try write([.sample(version: 2)])
    #expect(try reader.readToEnd() == before)
  }

  @Test("The mode asked for is the mode that results, whatever the umask", arguments: [0o600, 0o640, 0o644, 0o400] as [UInt32])
  func modes(mode: UInt32) throws {
    try write(mode: mode)
    #expect(status(path)?.mode == mode)
  }

  @Test("Owner and group asked for result", .enabled(if: geteuid() == 0, "giving files away needs root"))
  func owners() throws {
    try write(user: 1234, group: 4321, mode: 0o640)
    #expect([status(path)?.user, status(path)?.group] == [1234, 4321])
    #expect(status(path)?.mode == 0o640)
  }

  @Test("Owner and group not asked for stay as they were", .enabled(if: geteuid() == 0, "giving files away needs root"))
  func ownersKept() throws {
    try write(user: 1234, group: 4321)
    try write()
    #expect([status(path)?.user, status(path)?.group] == [1234, 4321])
    try write(group: 99)
    #expect([status(path)?.user, status(path)?.group] == [1234, 99])
  }

  @Test("A symbolic link at the path is refused, and its target left alone")
  func symbolicLink() throws {
    let target = folder.file("elsewhere")
    try Data("precious".utf8).write(to: URL(filePath: target))
    #expect(symlink(target, path) == 0)
    expectRefusal(.cannotCreate) { try write() }
    #expect(try Data(contentsOf: URL(filePath: target)) == Data("precious".utf8))
    #expect(folder.contents == ["elsewhere", "http.keytab"])
  }

  @Test("A dangling link, a folder and a FIFO at the path are refused", arguments: ["link", "folder", "fifo"])
  func otherTargets(kind: String) throws {
    switch kind {
    case "link": symlink("/nonexistent/target", path)
    case "folder": mkdir(path, 0o755)
    default: mkfifo(path, 0o600)
    }
    let before = status(path)?.inode
    expectRefusal(.cannotCreate) { try write() }
    #expect(status(path)?.inode == before)
    #expect(folder.contents == ["http.keytab"])
  }

  @Test("A link planted under the new file's name is removed, not followed")
  func plantedTemporary() throws {
    let target = folder.file("elsewhere")
    try Data("precious".utf8).write(to: URL(filePath: target))
    #expect(symlink(target, folder.file(".http.keytab.asa-new")) == 0)
    try write()
    #expect(try Data(contentsOf: URL(filePath: target)) == Data("precious".utf8))
    #expect(folder.contents == ["elsewhere", "http.keytab"])
    #expect(try KeytabFile.read(path).count == 1)
  }

  @Test("What a crash left behind is gone after the next write")
  func leftover() throws {
    try Data("half a keytab".utf8).write(to: URL(filePath: folder.file(".http.keytab.asa-new")))
    try write()
    #expect(folder.contents == ["http.keytab"])
  }

  @Test("A file system that takes no more leaves the former file and nothing of the new one")
  func fullFileSystem() async throws {
    try write([.sample(version: 1)])
    let before = try Data(contentsOf: URL(filePath: path))
    await #expect(processExitsWith: .success) { [path = path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 20, rlim_max: 20)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      expectFault(.inputOutput) {
        try KeytabFile.write([.sample(version: 2)], replacing: path, ownership: FileOwnership(mode: 0o600))
      }
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    #expect(folder.contents == ["http.keytab"])
  }

  @Test(
    "A right that is missing is named as such and changes nothing: to write in the folder, or to give the file away",
    .enabled(if: geteuid() == 0, "only root can become somebody with fewer rights"), arguments: [0, 65_534] as [UInt32])
  func missingRights(folderOwner: UInt32) async throws {
    try write([.sample(version: 1)], mode: 0o644)
    chown(folder.path, folderOwner, folderOwner)
    chmod(folder.path, 0o755)
    let before = try Data(contentsOf: URL(filePath: path))
    await #expect(processExitsWith: .success) { [path = path as String] in
      setgid(65_534)
      setuid(65_534)
      expectFault(.permission) {
        try KeytabFile.write([.sample(version: 2)], replacing: path, ownership: FileOwnership(user: 0, mode: 0o600))
      }
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    #expect(folder.contents == ["http.keytab"])
  }

  @Test("A folder that is missing or is none is refused by name", arguments: ["missing/http.keytab", "file/http.keytab"])
  func noFolder(name: String) throws {
    try Data().write(to: URL(filePath: folder.file("file")))
    expectRefusal(.cannotCreate) { try write(to: folder.file(name)) }
  }

  @Test("A path that names no file is refused", arguments: ["", "/", "/tmp/", "/tmp/..", "."])
  func noName(path: String) { expectRefusal(.cannotCreate) { try write(to: path) } }
}

@Suite("Reading a keytab that is not as it should be")
struct KeytabReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("A missing file is missing input", arguments: ["none.keytab", "none/none.keytab"])
  func missing(name: String) {
    #expect { try KeytabFile.read(folder.file(name)) } throws: { ($0 as? OperatorFault)?.kind == .noInput }
  }

  @Test("A file that we may not read is a missing right", .enabled(if: geteuid() == 0, "only root can become somebody else"))
  func unreadable() async throws {
    let path = folder.file("mine.keytab")
    try KeytabFile.write([.sample()], replacing: path, ownership: FileOwnership(mode: 0o600))
    chmod(folder.path, 0o755)
    await #expect(processExitsWith: .success) { [path = path as String] in
      setuid(65_534)
      expectFault(.permission) { _ = try KeytabFile.read(path) }
    }
  }

  @Test("A folder and a FIFO are refused, and the FIFO is not waited for", arguments: [true, false])
  func notRegular(isFolder: Bool) {
    let path = folder.file("odd")
    if isFolder { mkdir(path, 0o755) } else { mkfifo(path, 0o600) }
    #expect { try KeytabFile.read(path) } throws: { ($0 as? OperatorFault)?.kind == .data }
  }

  @Test("A file beyond the size limit is refused without being read")
  func tooLarge() {
    let path = folder.file("huge")
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
    ftruncate(descriptor, 1 << 40)
    close(descriptor)
    #expect { try KeytabFile.read(path) } throws: { ($0 as? OperatorFault)?.kind == .data }
  }
}

/// Ends the process of an exit test with failure unless `body` throws a fault of this kind.
private func expectFault(_ kind: OperatorFault.Kind, _ body: () throws -> Void) {
  do { try body() } catch let fault as OperatorFault where fault.kind == kind { return } catch {}
  exit(1)
}
