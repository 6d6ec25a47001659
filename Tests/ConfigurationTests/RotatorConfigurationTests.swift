import Configuration
import Foundation
import RotationCore
import Testing

@Suite("Loading rotator.yaml")
struct RotatorConfigurationTests {
  @Test("A minimal file loads with the documented defaults")
  func defaults() throws {
    let configuration = try RotatorConfiguration.check(yaml: ConfigurationText.rotator, file: "r.yaml", environment: [:]).get()

    let directory = try #require(configuration.directories.first)
    #expect(directory.writer == .pdcEmulator)
    #expect(directory.controllers.map(\.name) == ["dc1.lab.example"])
    #expect(directory.controllers.first?.address == nil)
    #expect(directory.stampAttribute == "adminDescription")
    #expect(directory.timeout == .seconds(10))
    #expect(configuration.agents.host == "0.0.0.0")
    #expect(configuration.agents.port == 7749)
    let account = try #require(configuration.accounts.first)
    #expect(account.encryptionTypes == [.aes256, .aes128])
    #expect(account.policy == RotationPolicy(every: .seconds(30 * 86_400), require: .atLeast(2)))
    #expect(configuration.store == StoreConfiguration.standard)
    #expect(configuration.control.directory == "/run/asa-rotator")
    #expect(configuration.log.level == "info")
  }

  @Test("Every value of the policy is read in its own unit")
  func policy() throws {
    let text = ConfigurationText.rotator.replacing(
      "{ every: 30d, require: 2 }",
      with: """
        { every: 12h, require: all, previous: keep, ticketLifetime: 90m, clockSkew: 45s, stagingDeadline: 2m,
              proofDeadline: 3m, slotLimit: 4 }
        """)
    let configuration = try RotatorConfiguration.parse(yaml: text, file: "r.yaml")
    #expect(
      configuration.accounts.first?.policy
        == RotationPolicy(
          every: .seconds(43_200), require: .all, previous: .keep, ticketLifetime: .seconds(5400), clockSkew: .seconds(45),
          stagingDeadline: .seconds(120), proofDeadline: .seconds(180), slotLimit: 4))
  }

  @Test("Omitted controllers mean DNS SRV, and a controller may have an address")
  func controllers() throws {
    let omitted = ConfigurationText.rotator.replacing("    controllers: [dc1.lab.example]\n", with: "")
    #expect(try RotatorConfiguration.parse(yaml: omitted, file: "r.yaml").directories.first?.controllers == [])
    let addressed = ConfigurationText.rotator.replacing(
      "[dc1.lab.example]", with: "[{ name: DC1.lab.example, address: 127.0.0.2 }]\n    writer: dc1.lab.example")
    let directory = try RotatorConfiguration.parse(yaml: addressed, file: "r.yaml").directories.first
    #expect(directory?.controllers.map(\.name) == ["dc1.lab.example"])
    #expect(directory?.controllers.first?.address == "127.0.0.2")
    #expect(directory?.writer == .named("dc1.lab.example"))
  }

  @Test("The key file defaults to the systemd credential where systemd provides it")
  func keyFileDefault() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    let environment = ["CREDENTIALS_DIRECTORY": directory.path]
    func keyFile() throws -> String {
      try RotatorConfiguration.check(yaml: ConfigurationText.rotator, file: "r", environment: environment).get().store.keyFile
    }
    #expect(try keyFile() == "/etc/asa-rotator/store.key")
    try Data(count: 32).write(to: directory.appending(path: "store.key"))
    #expect(try keyFile() == directory.path + "/store.key")
  }

  static let spoilt: [Spoilt] = [
    Spoilt(
      "policy: {", "polcy: {",
      """
      r.yaml:16: unknown key 'polcy', did you mean 'policy'?; expected one of name, realm, servicePrincipalNames, \
      encryptionTypes, arrays, policy
      """),
    Spoilt("30d", "30x", "r.yaml:16: every: '30x' has no unit; write it as 45s, 90m, 12h or 30d"),
    Spoilt("30d", "30", "r.yaml:16: every: '30' has no unit; write it as 45s, 90m, 12h or 30d"),
    Spoilt("30d", "1.5d", "r.yaml:16: every: '1.5d' is not a duration; write it as 45s, 90m, 12h or 30d"),
    Spoilt("30d", "10s", "r.yaml:16: every: expected a duration from 1m to 730d with a unit s, m, h or d, found '10s'"),
    Spoilt("30d", "[1d]", "r.yaml:16: every: expected a duration from 1m to 730d with a unit s, m, h or d, found a list"),
    Spoilt(
      "30d", "9999999999999999999d",
      "r.yaml:16: every: '9999999999999999999d' is not a duration; write it as 45s, 90m, 12h or 30d"),
    Spoilt(
      "every: 30d, ", "", "r.yaml:16: key 'every' is missing; add it with a duration from 1m to 730d with a unit s, m, h or d"),
    Spoilt(
      "require: 2", "require: 4",
      "r.yaml:16: require: 4 does not fit array 'mail' with 3 nodes; expected all or a number from 2 to 3"),
    Spoilt(
      "require: 2", "require: 1",
      "r.yaml:16: require: 1 does not fit array 'mail' with 3 nodes; expected all or a number from 2 to 3"),
    Spoilt("require: 2", "require: most", "r.yaml:16: require: expected all or a number of nodes, found 'most'"),
    Spoilt("require: 2", "previous: drop", "r.yaml:16: previous: expected ticket-lifetime or keep, found 'drop'"),
    Spoilt("require: 2", "slotLimit: 1", "r.yaml:16: slotLimit: expected a whole number from 2 to 64, found '1'"),
    Spoilt(
      "    keytab: /etc", "    keytab: etc",
      "r.yaml:5: keytab: expected an absolute path, found 'etc/asa-rotator/rotator.keytab'; write the path from / on"),
    Spoilt(
      "/etc/pki/ca.crt", "/etc/../ca.crt",
      "r.yaml:10: certificateAuthority: expected an absolute path, found '/etc/../ca.crt'; write the path without '.' and '..'"),
    Spoilt(
      "  listen: \"0.0.0.0:7749\"\n", "",
      "r.yaml:6: key 'listen' is missing; add it with host:port, with an IPv6 address in brackets"),
    Spoilt(
      "0.0.0.0:7749", "0.0.0.0:77490",
      "r.yaml:7: listen: expected host:port, with an IPv6 address in brackets, found '0.0.0.0:77490'"),
    Spoilt("[mail]", "[mial]", "r.yaml:15: unknown array 'mial', did you mean 'mail'?; expected one of mail"),
    Spoilt("[mail]", "[mail, mail]", "r.yaml:15: arrays: duplicate 'mail', already in line 15; remove one of them"),
    Spoilt(
      "    realm: LAB.EXAMPLE\n    service", "    realm: LAB.EXAMPEL\n    service",
      "r.yaml:13: unknown realm 'LAB.EXAMPEL', did you mean 'LAB.EXAMPLE'?; expected one of LAB.EXAMPLE"),
    Spoilt("cas-2.lab", "CAS-1.lab", "r.yaml:19: nodes: duplicate 'CAS-1.lab.example', already in line 19; remove one of them"),
    Spoilt(
      "cas-2.lab.example", "'*.lab.example'",
      "r.yaml:19: nodes: node '*.lab.example' is not a DNS host name; write it as cas-1.example.com"),
    Spoilt(
      "[http/mail.lab.example]", "[http/mail.lab.example, HTTP/mail.lab.example]",
      "r.yaml:14: servicePrincipalNames: duplicate 'HTTP/mail.lab.example', already in line 14; remove one of them"),
    Spoilt("[http/mail.lab.example]", "[]", "r.yaml:14: servicePrincipalNames: the list is empty; give at least 1"),
    Spoilt(
      "http/mail.lab.example", "http/mail@LAB",
      "r.yaml:14: servicePrincipalNames: SPN 'http/mail@LAB' is not of the form service/host; write it as http/mail.example.com, without a realm or a port"
    ),
    Spoilt(
      "LAB\\EXCH", "EXCH",
      "r.yaml:12: name: account 'EXCH2016ASA$' is not of the form DOMAIN\\name; write it as LAB\\EXCH2016ASA$"),
    Spoilt(
      "principal: svc-asa-rotator", "principal: svc@LAB.EXAMPLE",
      "r.yaml:4: principal: 'svc@LAB.EXAMPLE' names a realm; leave out '@' and what follows it"),
    Spoilt(
      "principal: svc-asa-rotator", "principal:",
      "r.yaml:4: principal: expected the rotator's principal such as svc-asa-rotator, found nothing"),
    Spoilt(
      "    principal:", "    writer: dc9.lab.example\n    principal:",
      "r.yaml:4: writer: 'dc9.lab.example' is not among the controllers; expected pdc-emulator or one of dc1.lab.example"),
    Spoilt("  listen:", "  listen: x\n  listen:", "r.yaml:7: duplicate key 'listen', given here first; keep one of them"),
    Spoilt(
      "[dc1.lab.example]", "[{ name: dc1.lab.example, address: dc1 }]", "r.yaml:3: address: expected an IP address, found 'dc1'"
    ),
    Spoilt(
      "arrays:\n  - name", "log: { level: loud }\narrays:\n  - name",
      "r.yaml:17: level: expected one of trace, debug, info, notice, warning, error, critical, found 'loud'"),
    Spoilt(
      "arrays:\n  - name", "log: 7\narrays:\n  - name", "r.yaml:17: log: expected a mapping with the keys level, found '7'"),
    Spoilt(
      "[dc1.lab.example]", "&dcs [dc1.lab.example]",
      "r.yaml:3: anchors (&name) and aliases (*name) are not accepted; write the value out"),
  ]

  @Test("A fault is told in one line with file, line and what was expected", arguments: spoilt)
  func fault(_ spoilt: Spoilt) throws {
    #expect(ConfigurationText.rotator.contains(spoilt.old))
    let faults = ConfigurationText.rotatorFaults(replacing: spoilt.old, with: spoilt.new)
    #expect(faults.count == 1)
    let line = try #require(faults.first)
    #expect(line == spoilt.line || line.hasPrefix(spoilt.line + ": "))
  }

  @Test(
    "A key that this version does not have yet is refused rather than ignored",
    arguments: ["pause: true"])
  func unavailablePolicy(option: String) throws {
    let faults = ConfigurationText.rotatorFaults(replacing: "require: 2", with: option)
    let name = try #require(option.split(separator: ":").first)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("r.yaml:16: '\(name)' is not available in this version; ") == true)
  }

  @Test("What drift leads to is report or rotate, and nothing else")
  func onDrift() {
    #expect(ConfigurationText.rotatorFaults(replacing: "require: 2", with: "onDrift: rotate").isEmpty)
    let faults = ConfigurationText.rotatorFaults(replacing: "require: 2", with: "onDrift: alarm")
    #expect(faults.count == 1)
    #expect(faults.first?.contains("report or rotate") == true)
  }

  @Test("Rotating without a stamp is refused with a reason")
  func stampOff() {
    let faults = ConfigurationText.rotatorFaults(replacing: "    principal:", with: "    stamp: off\n    principal:")
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("r.yaml:4: 'stamp' is not available in this version; ") == true)
  }

  @Test("A domain controller that is named twice, in whatever case, is refused with its line")
  func controllerTwice() {
    let faults = ConfigurationText.rotatorFaults(replacing: "[dc1.lab.example]", with: "[dc1.lab.example, DC1.lab.example]")
    #expect(faults == ["r.yaml:3: 'dc1.lab.example' is listed twice under controllers; name each domain controller once"])
  }

  @Test("RC4 is an aim only where it is named, by either name", arguments: ["arcfour-hmac", "rc4-hmac"])
  func namedRC4(name: String) throws {
    #expect(
      ConfigurationText.rotatorFaults(
        replacing: "    arrays: [mail]", with: "    encryptionTypes: [aes256-cts-hmac-sha1-96, \(name)]\n    arrays: [mail]"
      ).isEmpty)
  }

  @Test("DES is refused with the attribute to set", arguments: ["des-cbc-crc", "des3-cbc-sha1"])
  func weakEncryption(name: String) {
    let faults = ConfigurationText.rotatorFaults(
      replacing: "    arrays: [mail]", with: "    encryptionTypes: [aes256-cts-hmac-sha1-96, \(name)]\n    arrays: [mail]")
    #expect(faults.count == 1)
    #expect(faults.first?.contains("msDS-SupportedEncryptionTypes of the account to 24") == true)
  }

  @Test("Two accounts may not share an SPN, nor two entries a name")
  func duplicateAccount() {
    let faults = ConfigurationText.rotatorFaults(
      replacing: "arrays:\n  - name: mail",
      with: """
          - name: lab\\exch2016asa$
            realm: LAB.EXAMPLE
            servicePrincipalNames: [HTTP/mail.lab.example]
            arrays: [mail]
            policy: { every: 30d }
        arrays:
          - name: mail
        """)
    #expect(
      faults == [
        "r.yaml:17: duplicate account 'LAB\\exch2016asa$', already in line 12; remove one of them",
        "r.yaml:19: duplicate SPN 'HTTP/mail.lab.example', already in line 14; remove one of them",
      ])
  }

  @Test("Two directories of one realm and two arrays of one name are refused")
  func duplicateRealmAndArray() {
    let realm = ConfigurationText.rotatorFaults(
      replacing: "agents:", with: "  - { realm: lab.example, principal: x, keytab: /x }\nagents:")
    #expect(realm == ["r.yaml:6: duplicate realm 'LAB.EXAMPLE', already in line 2; remove one of them"])
    let array = ConfigurationText.rotatorFaults(
      replacing: "arrays:\n", with: "arrays:\n  - { name: mail, nodes: [x.lab.example, y.lab.example] }\n")
    #expect(array.contains("r.yaml:19: duplicate array 'mail', already in line 18; remove one of them"))
  }

  @Test("All faults of a file are found at once, in the order of its lines")
  func allFaults() throws {
    let text = ConfigurationText.rotator.replacing("30d", with: "30").replacing("0.0.0.0:7749", with: "nowhere:x")
      .replacing("svc-asa-rotator", with: "a@b")
    let lines = ConfigurationText.faults(of: RotatorConfiguration.check(yaml: text, file: "r.yaml")).map { $0.prefix(10) }
    #expect(lines == ["r.yaml:4: ", "r.yaml:7: ", "r.yaml:16:"])
    let thrown = #expect(throws: OperatorFault.self) { try RotatorConfiguration.parse(yaml: text, file: "r.yaml") }
    #expect(thrown?.kind == .configuration)
    #expect(thrown?.subject == "r.yaml:4")
  }

  @Test(
    "Text that is no YAML mapping is refused with a line",
    arguments: [
      ("", "r.yaml:1: the file is empty"), ("# only a comment\n", "r.yaml:1: the file is empty"),
      ("\n- a\n", "r.yaml:2: expected 'key: value' lines at the top level"), ("a: [", "r.yaml:2: is not well-formed YAML"),
      ("a: b\n---\na: b\n", "r.yaml:2: is not well-formed YAML"), ("log:\n\u{1}", "r.yaml:2: is not well-formed YAML"),
      (String(repeating: "[", count: 5000), "r.yaml:1: is not well-formed YAML"),
      (String(repeating: "#", count: 1 << 20) + "\n", "r.yaml:1: the configuration is larger than 1 MiB"),
    ])
  func malformed(text: String, line: String) {
    let faults = ConfigurationText.faults(of: RotatorConfiguration.check(yaml: text, file: "r.yaml"))
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix(line) == true)
  }

  @Test("A file that is missing, a directory or not UTF-8 is refused by name")
  func unreadable() throws {
    #expect(throws: OperatorFault.self) { try RotatorConfiguration.load(path: "/nonexistent/rotator.yaml") }
    let missing = ConfigurationText.faults(of: RotatorConfiguration.check(path: "/nonexistent/rotator.yaml"))
    #expect(missing == ["/nonexistent/rotator.yaml: cannot be opened: No such file or directory; name an existing file"])
    let directory = ConfigurationText.faults(of: RotatorConfiguration.check(path: "/etc"))
    #expect(directory == ["/etc: is not a regular file; name the configuration file itself"])
    let path = FileManager.default.temporaryDirectory.appending(path: "latin-\(UUID().uuidString).yaml").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([0x61, 0x3a, 0x20, 0xe6]).write(to: URL(filePath: path))
    #expect(
      ConfigurationText.faults(of: RotatorConfiguration.check(path: path)) == ["\(path): is not UTF-8 text; save it as UTF-8"])
  }
}

extension StoreConfiguration {
  fileprivate static var standard: StoreConfiguration? {
    let text = ConfigurationText.rotator + "store: { directory: /var/lib/asa-rotator/, keyFile: /etc/asa-rotator/store.key }\n"
    return try? RotatorConfiguration.parse(yaml: text, file: "r.yaml").store
  }
}
