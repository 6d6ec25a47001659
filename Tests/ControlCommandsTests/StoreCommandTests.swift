import ControlCommands
import CredentialStore
import Foundation
import RotationCore
import Testing

@Suite("asactl store")
struct StoreCommandTests {
  let directory: TemporaryDirectory
  private let config: String
  private var backup: String { "\(directory.path)/backup.db" }
  private var database: String { "\(directory.path)/store/rotator.db" }

  init() throws {
    directory = try TemporaryDirectory()
    let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
    try key.write(to: URL(fileURLWithPath: "\(directory.path)/store.key"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(directory.path)/store.key")
    config = try directory.write(
      "rotator.yaml",
      """
      directories: [{ realm: LAB.EXAMPLE, controllers: [dc1.lab.example], principal: svc, keytab: /nowhere/rotator.keytab }]
      agents: { listen: "127.0.0.1:7749", certificate: /nowhere/c.pem, privateKey: /nowhere/k.pem, certificateAuthority: /nowhere/ca.pem }
      accounts:
        - { name: 'LAB\\ASA$', realm: LAB.EXAMPLE, servicePrincipalNames: [http/mail.lab.example], arrays: [mail], policy: { every: 30d } }
      arrays: [{ name: mail, nodes: [cas-1.lab.example] }]
      store: { directory: \(directory.path)/store, keyFile: \(directory.path)/store.key }
      """)
  }

  private func store() throws -> SQLiteRotationStore {
    try SQLiteRotationStore(directory: "\(directory.path)/store", keyFile: "\(directory.path)/store.key")
  }

  private func asactl(_ arguments: String...) async -> CommandRun {
    await CommandRun.run(["store"] + arguments + ["--config", config])
  }

  @Test("A sound store: every finding on a line, the verdict last, exit code 0")
  func sound() async throws {
    try await store().close()
    let run = await asactl("check")
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("ok       integrity   SQLite finds no damage"))
    #expect(run.output.hasSuffix("The store is sound.\n"))
  }

  @Test("Beside a running rotator it says what it looked at")
  func running() async throws {
    let store = try store()
    let run = await asactl("check")
    #expect(run.code == 0 && run.output.contains("The rotator is running: this is one state of what is on disk"))
    try await store.close()
  }

  @Test("Damage is told with what follows and what to do, by exit code 65, also as JSON")
  func damaged() async throws {
    try await store().close()
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: database))
    let run = await asactl("check")
    #expect(run.code == 65)
    #expect(run.output.contains("CRITICAL version"))
    #expect(run.output.contains("asactl store restore FILE"))
    let json = await asactl("check", "--json")
    #expect(json.code == 65 && json.errors.isEmpty)
    #expect(json.output.contains("\"sound\" : false"))
    #expect(json.output.contains("\"rotator\" : null"))
  }

  @Test("A missing configuration, and a missing store, are told by name with exit code 66")
  func missing() async {
    let noConfig = await CommandRun.run(["store", "check", "--config", "/nowhere/rotator.yaml"])
    #expect(noConfig.code == 66 && noConfig.errors.contains("/nowhere/rotator.yaml"))
    let noStore = await asactl("check")
    #expect(noStore.code == 66 && noStore.errors.contains("\(directory.path)/store"))
  }

  @Test("A backup says what it is and what it is not, and a second one does not overwrite it")
  func backsUp() async throws {
    let store = try store()
    let run = await asactl("backup", backup)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("sealed secrets and not the key"))
    let again = await asactl("backup", backup)
    #expect(again.code == 73 && again.errors.contains("never overwritten"))
    try await store.close()
  }

  @Test("A restore asks first, keeps the store before, and says that the directory may be ahead")
  func restores() async throws {
    try await store().close()
    _ = await asactl("backup", backup)
    let unasked = await asactl("restore", backup)
    #expect(unasked.code == 64)
    let run = await asactl("restore", backup, "--yes")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("is kept as \(database).before-restore-"))
    #expect(run.output.contains("storeBehind") && run.output.contains("asactl credential adopt"))
  }

  @Test("A restore beside a running rotator is refused with exit code 75")
  func refusesBesideDaemon() async throws {
    let store = try store()
    _ = await asactl("backup", backup)
    let run = await asactl("restore", backup, "--yes", "--json")
    #expect(run.code == 75 && run.errors.contains("systemctl stop asa-rotatord"))
    try await store.close()
  }
}
