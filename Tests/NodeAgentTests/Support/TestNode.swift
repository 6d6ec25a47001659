import AgentProtocol
import Configuration
import Foundation
import Kerberos
import Logging
import NodeAgent
import RotationCore
import RotationTestSupport
import SecretMemory

/// A node's files in a directory of their own.
struct TestNode {
  let directory: TestDirectory
  var configuration: AgentConfiguration

  init() throws {
    directory = try TestDirectory()
    configuration = try Self.configuration(in: directory)
    try FileManager.default.createDirectory(
      atPath: configuration.stateDirectory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  static func configuration(in directory: TestDirectory, port: Int = 7749) throws -> AgentConfiguration {
    try AgentConfiguration.parse(
      yaml: """
        node: cas-1.lab.example
        rotator: { address: "127.0.0.1:\(port)", name: rotator.lab.example }
        certificate: \(directory.path)/node.pem
        privateKey: \(directory.path)/node.key
        certificateAuthority: \(directory.path)/ca.pem
        stateDirectory: \(directory.path)/state
        readinessFile: \(directory.path)/ready
        keytabs:
          - { path: \(directory.path)/http.keytab, account: LAB\\EXCH2016ASA$ }
        """, file: "agent.yaml")
  }

  static var quietLogger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  static var quietJournal: PacedJournal { PacedJournal(quietLogger) }

  /// The state directory. A keeper of before that nobody names any more may take a moment to let go of it.
  func state() throws -> StateDirectory {
    for _ in 1...500 {
      do throws(OperatorFault) { return try StateDirectory(path: configuration.stateDirectory) } catch {
        guard error.kind == .temporary else { throw error }
        usleep(10_000)
      }
    }
    return try StateDirectory(path: configuration.stateDirectory)
  }

  func keeper(
    boot: String? = "0123456789abcdef0123456789abcdef", journal: PacedJournal = quietJournal,
    show: @escaping @Sendable (Holdings) -> Void = { _ in }
  ) throws -> SlotKeeper {
    SlotKeeper(
      configuration, directory: try state(), journal: journal, boot: boot,
      show: show, now: { Samples.start })
  }

  var slotFile: SlotFile { SlotFile(path: "\(configuration.stateDirectory)/slots/accounts.slots") }

  func install(_ entries: [KeytabEntry], at name: String = "http.keytab") throws {
    try KeytabFile.write(entries, replacing: "\(directory.path)/\(name)", ownership: FileOwnership(mode: 0o640))
  }

  func installed(_ name: String = "http.keytab") throws -> [KeytabEntry] { try KeytabFile.read("\(directory.path)/\(name)") }

  func welcome(secret: SecretBytes = Samples.secret) throws -> AttachWelcome {
    AttachWelcome(
      rotator: .make(), fingerprintSecret: secret,
      accounts: [
        AccountBinding(account: try Samples.account, realm: Samples.realm, servicePrincipalNames: [try Samples.mail])
      ])
  }
}
