import ChildProcesses
import Foundation

extension LabCluster {
  func prepare(accountOptions: [String], keytabs: Bool) async throws {
    try await makeAccount(options: accountOptions)
    try await makeCertificates()
    try writeRotatorConfiguration()
    for node in layout.nodes { try await prepareNode(node, keytab: keytabs) }
  }

  private func makeAccount(options: [String]) async throws {
    let names = layout.servicePrincipalNames.flatMap { ["--spn", $0] }
    let made = try await lab.result(of: ["make-account", accountName] + names + options)
    guard made.status == 0 else { throw LabFixture.CommandFailure(command: ["make-account"], result: made) }
    try await lab.run(
      "make-rotator", "svc-asa-rotator", "--for", accountName, "--keytab", "\(directory)/rotator.keytab")
  }

  /// A PKI of the site's own, by openssl: `asactl pki` is slow on purpose where it opens its CA's key, and the demo uses it.
  func makeCertificates() async throws {
    try await lab.run(
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "\(layout.certificateDays)", "-subj", "/CN=Site CA", "-keyout", "\(directory)/ca.key", "-out", "\(directory)/ca.pem")
    try await issue("rotator", "rotator.\(lab.dnsDomain)", to: "rotator-pki")
    for node in layout.nodes { try await issue("node", node, to: "\(node)-pki") }
  }

  /// Issues a certificate of the cluster's own CA.
  ///
  /// - Parameter days: How long it is valid; `nil`: as long as all the others.
  func issue(_ role: String, _ name: String, to output: String, days: Int? = nil) async throws {
    let folder = "\(directory)/\(output)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let usage = role == "node" ? "clientAuth" : "serverAuth"
    try writePrivate(
      "subjectAltName=DNS:\(name)\nextendedKeyUsage=\(usage)\nbasicConstraints=critical,CA:FALSE\n", to: "\(folder)/extensions")
    try await lab.run(
      "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)",
      "-keyout", "\(folder)/key.pem", "-out", "\(folder)/request.pem")
    try await lab.run(
      "openssl", "x509", "-req", "-in", "\(folder)/request.pem", "-CA", "\(directory)/ca.pem", "-CAkey",
      "\(directory)/ca.key", "-CAcreateserial", "-days", "\(days ?? layout.certificateDays)", "-extfile",
      "\(folder)/extensions", "-out",
      "\(folder)/certificate.pem")
    try await lab.run("cp", "\(directory)/ca.pem", "\(folder)/ca.pem")
    try await lab.run("chmod", "600", "\(folder)/key.pem")
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
          controllers: [\(controllers)]
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
    try makeStoreKey()
  }

  /// Makes the key that seals the store, unless there is one.
  func makeStoreKey() throws {
    guard !FileManager.default.fileExists(atPath: "\(directory)/store.key") else { return }
    try writePrivate(Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }), to: "\(directory)/store.key")
  }

  private var controllers: String {
    let second = layout.hasBothControllers ? lab.secondController : nil
    let all = [(lab.controllerHost, lab.controllerAddress)] + [second].compactMap(\.self)
    return all.map { "{name: \($0), address: \($1)}" }.joined(separator: ", ")
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
      readinessFile: \(directory)/\(node)/ready
      keytabs:
        - { path: \(keytab ?? self.keytab(of: node)), account: '\(layout.account)', mode: "0640" }
      log: { level: \(layout.logLevel) }
      """, to: "\(directory)/\(node).yaml")
  }

  /// Changes one of the configuration files.
  func edit(_ file: String, _ change: (String) -> String) throws {
    let path = "\(directory)/\(file)"
    try writePrivate(change(String(contentsOfFile: path, encoding: .utf8)), to: path)
  }

  func writePrivate(_ text: String, to path: String) throws {
    try writePrivate(Data(text.utf8), to: path)
  }

  private func writePrivate(_ contents: Data, to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: contents, attributes: [.posixPermissions: 0o600]) else {
      throw CocoaError(.fileWriteUnknown)
    }
  }
}
