import Foundation

extension LabCluster {
  /// The passphrase of the test's private CA.
  private static let passphrase = "a passphrase for tests only"

  func prepare(accountOptions: [String], keytabs: Bool) async throws {
    try await makeAccount(options: accountOptions)
    try await makeCertificates()
    try writeRotatorConfiguration()
    for node in layout.nodes { try await prepareNode(node, keytab: keytabs) }
  }

  private var accountName: String { layout.account.split(separator: "\\").last.map(String.init) ?? "" }

  private func makeAccount(options: [String]) async throws {
    let names = layout.servicePrincipalNames.flatMap { ["--spn", $0] }
    let made = try await lab.result(of: ["make-account", accountName] + names + options)
    guard made.status == 0 else { throw LabFixture.CommandFailure(command: ["make-account"], result: made) }
    try await lab.run(
      "make-rotator", "svc-asa-rotator", "--for", accountName, "--keytab", "\(directory)/rotator.keytab")
  }

  private func makeCertificates() async throws {
    let passphrase = "\(directory)/passphrase"
    try writePrivate(Self.passphrase, to: passphrase)
    try await pki("init", "--directory", "\(directory)/ca", "--passphrase-file", passphrase)
    try await issue("rotator", "rotator.\(lab.dnsDomain)", to: "rotator-pki")
    for node in layout.nodes { try await issue("node", node, to: "\(node)-pki") }
  }

  /// Issues a certificate of the cluster's own CA.
  func issue(_ role: String, _ name: String, to output: String) async throws {
    try await pki(
      "issue", "--directory", "\(directory)/ca", "--passphrase-file", "\(directory)/passphrase", "--role", role, "--name", name,
      "--out", "\(directory)/\(output)", "--replace")
  }

  private func pki(_ arguments: String...) async throws {
    let result = try await run("asactl", ["pki"] + arguments)
    guard result.status == 0 else { throw LabFixture.CommandFailure(command: ["pki"] + arguments, result: result) }
  }

  private func prepareNode(_ node: String, keytab: Bool) async throws {
    try FileManager.default.createDirectory(
      atPath: "\(directory)/\(node)/keytabs", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    if keytab { try await exportKeytab(to: node) }
    try writeAgentConfiguration(node)
  }

  /// Gives a node the account's present keys as an administrator would have done.
  func exportKeytab(to node: String) async throws {
    let exported = try await lab.result(
      of: ["export-keytab", accountName, self.keytab(of: node)] + layout.servicePrincipalNames)
    guard exported.status == 0 else { throw LabFixture.CommandFailure(command: ["export-keytab"], result: exported) }
  }

  func writeRotatorConfiguration(policy: String? = nil) throws {
    try writePrivate(
      """
      directories:
        - realm: \(lab.realm)
          controllers: [{name: \(lab.controllerHost), address: \(lab.controllerAddress)}]
          principal: svc-asa-rotator
          keytab: \(directory)/rotator.keytab
      agents:
        listen: "127.0.0.1:\(port)"
        certificate: \(directory)/rotator-pki/certificate.pem
        privateKey: \(directory)/rotator-pki/key.pem
        certificateAuthority: \(directory)/rotator-pki/ca.pem
      accounts:
        - name: \(layout.account)
          realm: \(lab.realm)
          servicePrincipalNames: [\(layout.servicePrincipalNames.joined(separator: ", "))]
          arrays: [mail]
          policy: { \(policy ?? layout.policy) }
      arrays:
        - name: mail
          nodes: [\((layout.configuredNodes ?? layout.nodes).joined(separator: ", "))]
      store: { directory: \(directory)/store, keyFile: \(directory)/store.key }
      control: { directory: \(directory)/run }
      log: { level: \(layout.logLevel) }
      """, to: "\(directory)/rotator.yaml")
    if !FileManager.default.fileExists(atPath: "\(directory)/store.key") {
      let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
      try writePrivate(key, to: "\(directory)/store.key")
    }
  }

  func writeAgentConfiguration(_ node: String, pki: String? = nil, state: String? = nil, keytab: String? = nil) throws {
    try writePrivate(
      """
      node: \(node)
      rotator: { address: "127.0.0.1:\(port)", name: rotator.\(lab.dnsDomain) }
      certificate: \(directory)/\(pki ?? "\(node)-pki")/certificate.pem
      privateKey: \(directory)/\(pki ?? "\(node)-pki")/key.pem
      certificateAuthority: \(directory)/\(pki ?? "\(node)-pki")/ca.pem
      stateDirectory: \(directory)/\(node)/\(state ?? "state")
      keytabs:
        - { path: \(keytab ?? self.keytab(of: node)), account: '\(layout.account)', mode: "0640" }
      log: { level: \(layout.logLevel) }
      """, to: "\(directory)/\(node).yaml")
  }

  private func writePrivate(_ text: String, to path: String) throws {
    try writePrivate(Data(text.utf8), to: path)
  }

  private func writePrivate(_ contents: Data, to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: contents, attributes: [.posixPermissions: 0o600]) else {
      throw CocoaError(.fileWriteUnknown)
    }
  }
}
