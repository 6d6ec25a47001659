import ChildProcesses
import Foundation
import Glibc
import RotationCore
import Systemd
import Testing

@Suite("Access of a group")
struct GroupAccessTests {
  /// Neither this process nor anybody else is in it.
  private static let group: UInt32 = 61_183

  @Test("A group on the list may read and write, and nobody else")
  func grants() throws {
    // Not in the temporary directory of this run, which nobody else may pass.
    let path = "/tmp/asa-access-\(UUID().uuidString)"
    try #require(FileManager.default.createFile(atPath: path, contents: Data("x".utf8), attributes: [.posixPermissions: 0o600]))
    defer { unlink(path) }
    try GroupAccess.grant(Self.group, to: path)
    // The group bits of a file with an access list are its mask.
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o660)
    try expect(readable: true, path, asGroup: Self.group)
    try expect(readable: false, path, asGroup: Self.group + 1)
  }

  @Test("A file that is not there is named")
  func missing() throws {
    let fault = #expect(throws: OperatorFault.self) { try GroupAccess.grant(Self.group, to: "/nonexistent/control.sock") }
    #expect(fault?.kind == .permission)
    #expect(fault?.subject == "/nonexistent/control.sock")
  }

  /// Only root can become somebody else to try.
  private func expect(readable: Bool, _ path: String, asGroup group: UInt32) throws {
    guard geteuid() == 0 else { return }
    let becoming = ["setpriv", "--reuid=65534", "--regid=\(group)", "--clear-groups"]
    let reader = try ChildProcess(becoming + ["test", "-r", path, "-a", "-w", path])
    #expect((reader.wait() == 0) == readable, "group \(group)")
  }
}
