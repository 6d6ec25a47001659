import Foundation
import RotationCore
import Systemd
import Testing

@Suite("Starting an outcome unit")
struct OutcomeUnitTests {
  private static let unit = "asa-outcome@failed.service"

  private static func notice() -> AlarmNotice {
    let time = Date(timeIntervalSince1970: 1_700_000_000)
    let record = OutcomeRecord(kind: .rotationFailed, time: time, account: nil, message: "it failed")
    return AlarmNotice(outcome: .failed, record: record, since: time, count: 1)
  }

  @Test(
    "A refusal is told by the error's name, with the unit and the way out",
    arguments: [
      ("org.freedesktop.DBus.Error.AccessDenied", OperatorFault.Kind.permission, "60-asa-rotator.rules is missing or polkit"),
      ("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", .permission, "60-asa-rotator.rules is missing or polkit"),
      ("org.freedesktop.systemd1.NoSuchUnit", .unavailable, "install asa-outcome@.service"),
      ("org.freedesktop.systemd1.UnitMasked", .unavailable, "systemctl unmask"),
      ("org.freedesktop.systemd1.BadUnitSetting", .unavailable, "systemctl status"),
      ("org.freedesktop.DBus.Error.ServiceUnknown", .unavailable, "dbus is not running"),
      ("org.freedesktop.DBus.Error.NoReply", .unavailable, "dbus is not running"),
      ("org.example.Unheard", .system, "journalctl"),
    ])
  func refusals(name: String, kind: OperatorFault.Kind, remedy: String) {
    // A text that would mislead whoever went by texts.
    let fault = BusRefusal(name: name, text: "Access denied, no such unit, timeout").fault(starting: Self.unit)
    #expect(fault.kind == kind)
    #expect(fault.subject == Self.unit)
    #expect(fault.remedy.contains(remedy))
  }

  @Test(
    "A run that did not succeed is a fault with its result and the way out",
    arguments: [
      (OutcomeResult(job: "failed", service: "exit-code", status: 1, isSkipped: false), "failed with result exit-code 1"),
      (OutcomeResult(job: "failed", service: "signal", status: 9, isSkipped: false), "failed with result signal 9"),
      (OutcomeResult(job: "failed", service: "timeout", status: 15, isSkipped: false), "failed with result timeout"),
      (OutcomeResult(job: "done", service: "exit-code", status: 3, isSkipped: false), "failed with result exit-code 3"),
      (OutcomeResult(job: "failed", service: "success", status: 0, isSkipped: false), "ended as failed"),
      (OutcomeResult(job: "canceled", service: "success", status: 0, isSkipped: false), "ended as canceled"),
      (OutcomeResult(job: "done", service: "success", status: 0, isSkipped: true), "did not run, a condition"),
    ])
  func results(result: OutcomeResult, problem: String) throws {
    let fault = try #require(result.fault(of: Self.unit))
    #expect(fault.kind == .system)
    #expect(fault.subject == Self.unit)
    #expect(fault.problem.contains(problem))
    #expect(fault.remedy.contains(Self.unit))
  }

  @Test("A run that succeeded is none")
  func success() {
    #expect(OutcomeResult(job: "done", service: "success", status: 0, isSkipped: false).fault(of: Self.unit) == nil)
  }

  @Test("Without a bus the fields are on disk, and the fault says that dbus is not running")
  func noBus() async {
    await #expect(processExitsWith: .success) {
      setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1)
      umask(0o077)
      let directory = FileManager.default.temporaryDirectory.appending(path: "outcome-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let fault = await #expect(throws: OperatorFault.self) {
        try await OutcomeUnit(directory: directory).raise(Self.notice())
      }
      #expect(fault?.kind == .unavailable)
      #expect(fault?.remedy.contains("dbus is not running") == true)
      let path = "\(directory)/failed.env"
      #expect(try String(contentsOfFile: path, encoding: .utf8) == OutcomeEnvironment(Self.notice()).text.text)
      let permissions = try [directory, path].map {
        (try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? NSNumber)?.intValue
      }
      #expect(permissions == [0o750, 0o640])
    }
  }

  @Test("A bus that takes connections and says nothing is given up on")
  func silentBus() async {
    await #expect(processExitsWith: .success) {
      let path = FileManager.default.temporaryDirectory.appending(path: "bus-\(UUID().uuidString.prefix(8))").path
      defer { unlink(path) }
      let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      try #require(bindSocket(listener, to: path) && listen(listener, 4) == 0)
      setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=\(path)", 1)
      let unit = OutcomeUnit(directory: FileManager.default.temporaryDirectory.path, callTimeout: .milliseconds(100))
      let fault = await #expect(throws: OperatorFault.self) { try await unit.raise(Self.notice()) }
      #expect(fault?.kind == .unavailable)
    }
  }

  @Test("Where the fields cannot be written, nothing is started and the fault names the place")
  func unwritable() async {
    let fault = await #expect(throws: OperatorFault.self) {
      try await OutcomeUnit(directory: "/proc/nowhere/outcome").raise(Self.notice())
    }
    #expect(fault?.kind == .cannotCreate)
    #expect(fault?.subject == "/proc/nowhere/outcome")
  }
}
