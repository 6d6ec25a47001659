import CredentialStore
import Foundation

/// Every command that works on files of this host, run once in a directory of its own, and the secrets that it met there.
struct LocalRuns {
  /// The command, without its arguments, and what it left behind.
  private(set) var runs: [(command: String, run: CommandRun)] = []
  /// The passphrase, the store key and the private keys.
  private(set) var secrets: [[UInt8]] = []
  private let directory: TemporaryDirectory
  private let flags: [String]

  /// Runs all of them.
  ///
  /// - Parameter flags: What each is given besides its own arguments.
  init(flags: [String] = []) async throws {
    directory = try TemporaryDirectory()
    self.flags = flags
    try await runAuthority()
    try await runStore()
    await run("check-config", "--rotator", "\(directory.path)/rotator.yaml", "--rotator", "/nowhere/rotator.yaml")
    await run("journal", "--outcome", "failed", "--print")
  }

  private mutating func run(_ command: String, _ arguments: String...) async {
    let words = command.split(separator: " ").map(String.init)
    runs.append((command, await CommandRun.run(words + arguments + flags, now: .now)))
  }

  private mutating func runAuthority() async throws {
    let home = directory.path
    let passphrase = "correct horse battery"
    let file = try directory.write("passphrase", passphrase + "\n")
    await run("pki init", "--directory", "\(home)/ca", "--passphrase-file", file)
    await run(
      "pki issue", "--directory", "\(home)/ca", "--role", "node", "--name", "cas-1.lab.example", "--passphrase-file", file,
      "--out",
      "\(home)/node")
    await run("pki show", "--ca", "\(home)/ca/ca.pem", "\(home)/node/certificate.pem")
    let key = try TemporaryDirectory.text("\(home)/node/key.pem").split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    secrets += [Array(passphrase.utf8), Array(Data(base64Encoded: key) ?? Data())]
  }

  private mutating func runStore() async throws {
    let home = directory.path
    let key = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    try Data(key).write(to: URL(fileURLWithPath: "\(home)/store.key"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(home)/store.key")
    let config = try directory.write("rotator.yaml", Self.configuration(home))
    try await SQLiteRotationStore(directory: "\(home)/store", keyFile: "\(home)/store.key").close()
    await run("store check", "--config", config)
    await run("store backup", "\(home)/backup.db", "--config", config)
    await run("store restore", "\(home)/backup.db", "--config", config, "--yes")
    secrets.append(key)
  }

  private static func configuration(_ home: String) -> String {
    """
    directories: [{ realm: LAB.EXAMPLE, controllers: [dc1.lab.example], principal: svc, keytab: /nowhere/rotator.keytab }]
    agents: { listen: "127.0.0.1:7749", certificate: /nowhere/c.pem, privateKey: /nowhere/k.pem, certificateAuthority: /nowhere/ca.pem }
    accounts:
      - { name: 'LAB\\ASA$', realm: LAB.EXAMPLE, servicePrincipalNames: [http/mail.lab.example], arrays: [mail], policy: { every: 30d } }
    arrays: [{ name: mail, nodes: [cas-1.lab.example] }]
    store: { directory: \(home)/store, keyFile: \(home)/store.key }
    """
  }
}
