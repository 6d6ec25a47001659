import ChildProcesses
import Foundation
import Testing

/// The lab that this test process runs in, as `Tests/Lab/with-lab` describes it in the environment.
struct LabFixture: Sendable {
  /// The directory of the lab's files; it disappears with the lab.
  let state: String
  /// The Kerberos realm, in capitals.
  let realm: String
  /// The NetBIOS name of the domain.
  let domain: String
  /// The DNS name of the domain controller.
  let controllerHost: String
  /// Its address.
  let controllerAddress: String
  /// The second domain controller; `nil` in a lab that has one.
  let secondController: (host: String, address: String)?
  /// Whether that one is read-only.
  let isSecondReadOnly: Bool
  /// The password of `Administrator`.
  let administratorPassword: String
  /// The shared account, as `DOMAIN\NAME$`.
  let account: String
  /// The principal that holds the rotator's rights on the account.
  let rotatorPrincipal: String
  /// Its keytab.
  let rotatorKeytab: String
  /// JSON lines of everything that was sent to the lab's journal socket.
  let journal: String

  /// The DNS name of the domain.
  var dnsDomain: String { realm.lowercased() }
  /// The account's sAMAccountName.
  var accountName: String { String(account.drop { $0 != "\\" }.dropFirst()) }

  /// The lab of this process, or `nil` outside one.
  static let current: LabFixture? = {
    let environment = ProcessInfo.processInfo.environment
    guard let state = environment["ASA_LAB_STATE"] else { return nil }
    func value(_ name: String) -> String {
      guard let value = environment["ASA_LAB_\(name)"] else { preconditionFailure("with-lab did not set ASA_LAB_\(name)") }
      return value
    }
    let hasSecond = FileManager.default.fileExists(atPath: "\(state)/dc2/private/sam.ldb")
    return LabFixture(
      state: state, realm: value("REALM"), domain: value("DOMAIN"), controllerHost: value("DC_HOST"),
      controllerAddress: value("DC_ADDRESS"),
      secondController: hasSecond ? (value("DC2_HOST"), value("DC2_ADDRESS")) : nil,
      isSecondReadOnly: value("DC2_KIND") == "RODC",
      administratorPassword: value("ADMIN_PASSWORD"), account: value("ACCOUNT"),
      rotatorPrincipal: value("ROTATOR_PRINCIPAL"), rotatorKeytab: value("ROTATOR_KEYTAB"), journal: value("JOURNAL"))
  }()
}

extension Trait where Self == ConditionTrait {
  /// For suites that need a domain controller.
  static var needsLab: Self { .enabled(if: LabFixture.current != nil, "runs inside a lab only: make lab-test") }
}

extension Trait where Self == ConditionTrait {
  /// For suites that need two domain controllers.
  static var needsTwoControllers: Self {
    .enabled(
      if: LabFixture.current?.secondController != nil, "runs inside a lab with two controllers only: make replication-test")
  }
}

extension LabFixture {
  typealias CommandResult = FinishedCommand

  /// A command that ended with another exit code than 0.
  struct CommandFailure: Error, CustomStringConvertible {
    let command: [String]
    let result: CommandResult

    var description: String {
      "\(command.joined(separator: " ")): exit code \(result.status)\n\(result.output)\(result.errors)"
    }
  }

  /// Runs a command found in PATH (the scripts of `Tests/Lab` are) and returns what it printed.
  /// - Throws: `CommandFailure` for an exit code other than 0.
  @discardableResult
  func run(_ command: String..., input: String = "", environment: [String: String] = [:]) async throws -> String {
    try await run(command, input: input, environment: environment)
  }

  /// The same for a command whose words are in an array.
  @discardableResult
  func run(_ command: [String], input: String = "", environment: [String: String] = [:]) async throws -> String {
    let result = try await result(of: command, input: input, environment: environment)
    guard result.status == 0 else { throw CommandFailure(command: command, result: result) }
    return result.output
  }

  /// Runs a command found in PATH and returns how it ended.
  func result(of command: [String], input: String = "", environment: [String: String] = [:]) async throws -> CommandResult {
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    return try await withCheckedThrowingContinuation { continuation in
      // Waiting for a process blocks; the threads that tests run on must stay free.
      Thread.detachNewThread {
        continuation.resume(with: Result { try FinishedCommand(running: command, input: input, environment: variables) })
      }
    }
  }
}
