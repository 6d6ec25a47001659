import Configuration
import RotationCore
import Testing

@Suite("Loading agent.yaml")
struct AgentConfigurationTests {
  @Test("A minimal file loads with the documented defaults")
  func defaults() throws {
    let configuration = try AgentConfiguration.parse(yaml: ConfigurationText.agent, file: "a.yaml")
    #expect(configuration.node.description == "cas-1.lab.example")
    #expect(configuration.rotators[0].host == "rotator.lab.example")
    #expect(configuration.rotators[0].port == 7749)
    #expect(configuration.rotators[0].name == "rotator.lab.example")
    #expect(configuration.stateDirectory == "/var/lib/asa-agent")
    #expect(configuration.slotLimit == 8)
    #expect(configuration.readinessFile == nil)
    let keytab = try #require(configuration.keytabs.first)
    #expect(keytab.mode == 0o640)
    #expect(keytab.servicePrincipalNames == nil)
    #expect(keytab.owner == nil)
    #expect(keytab.group == nil)
  }

  @Test("A rotator may be dialled by address when its name is given", arguments: ["127.0.0.1:7000", "[::1]:7000"])
  func dialledByAddress(address: String) throws {
    let text = ConfigurationText.agent.replacing(
      "{ address: \"rotator.lab.example:7749\" }", with: "{ address: \"\(address)\", name: Rotator.lab.example }")
    let rotator = try AgentConfiguration.parse(yaml: text, file: "a.yaml").rotators[0]
    #expect(address.contains(rotator.host))
    #expect(rotator.port == 7000)
    #expect(rotator.name == "rotator.lab.example")
  }

  private static func rotators(_ list: String) -> String {
    ConfigurationText.agent.replacing(
      "{ address: \"rotator.lab.example:7749\" }", with: "\n" + list.replacing("- ", with: "  - "))
  }

  @Test("A second rotator makes it a list; two of one name are told apart by their addresses")
  func twoRotators() throws {
    let text = Self.rotators(
      "- { address: \"one.lab.example:7000\" }\n- { address: \"127.0.0.2:7000\", name: r }\n- { address: \"[::1]\", name: r }")
    let rotators = try AgentConfiguration.parse(yaml: text, file: "a.yaml").rotators
    #expect(rotators.map(\.host) == ["one.lab.example", "127.0.0.2", "::1"])
    #expect(rotators.map(\.name) == ["one.lab.example", "r", "r"])
    #expect(rotators.map(\.label) == ["one.lab.example", "r (127.0.0.2:7000)", "r ([::1]:7749)"])
  }

  @Test(
    "A list of rotators that cannot be meant is refused",
    arguments: [
      (
        "- { address: \"a\" }\n- { address: \"A:7749\" }",
        "a.yaml:4: duplicate rotator 'a:7749', already in line 3; remove one of them"
      ),
      (
        "- { address: \"a\" }\n- { adress: \"b\" }",
        "a.yaml:4: unknown key 'adress', did you mean 'address'?; expected one of address, name"
      ),
      (
        (1...5).map { "- { address: \"r\($0)\" }" }.joined(separator: "\n"),
        "a.yaml:2: rotator: the list has 5 entries; give at most 4"
      ),
    ])
  func wrongRotators(list: String, line: String) {
    guard case .failure(let faults) = AgentConfiguration.check(yaml: Self.rotators(list), file: "a.yaml") else {
      Issue.record("not refused")
      return
    }
    #expect("\(faults)".contains(line))
  }

  @Test("Two accounts may share one keytab")
  func sharedKeytab() throws {
    let text = ConfigurationText.agent + "  - { path: /etc/keytabs/http.keytab, account: LAB\\OTHER$ }\n"
    #expect(try AgentConfiguration.parse(yaml: text, file: "a.yaml").keytabs.count == 2)
  }

  static let spoilt: [Spoilt] = [
    Spoilt("node: cas-1.lab.example\n", "", "a.yaml:1: key 'node' is missing"),
    Spoilt(
      "rotator.lab.example:7749", "127.0.0.1:7749",
      "a.yaml:2: key 'name' is missing; add it with the DNS name in the rotator's certificate, since the address is not a name"),
    Spoilt(
      "rotator.lab.example:7749", "::1:7749",
      "a.yaml:2: address: expected host:port, with an IPv6 address in brackets, found '::1:7749'"),
    Spoilt(
      "rotator: {", "rotator: { nam: x,", "a.yaml:2: unknown key 'nam', did you mean 'name'?; expected one of address, name"),
    Spoilt(
      "keytabs:", "consumers: []\nkeytabs:",
      "a.yaml:6: consumers: the list is empty; give at least 1"
    ),
    Spoilt(
      "keytabs:", "consumers: [{ action: restart }]\nkeytabs:",
      "a.yaml:6: consumers: an entry needs either 'unit' or 'command'; name the systemd unit, or a command to run"),
    Spoilt(
      "keytabs:", "consumers: [{ unit: dovecot }]\nkeytabs:",
      "a.yaml:6: unit: expected the name of a unit such as dovecot.service, found 'dovecot'"),
    Spoilt(
      "keytabs:", "consumers: [{ command: [reload] }]\nkeytabs:",
      "a.yaml:6: command: 'reload' is not an absolute path; write the program's path from / on"),
    Spoilt(
      "keytabs:", "agentCheck: 0.0.0.0\nkeytabs:",
      "a.yaml:6: agentCheck: expected an address with a port such as 0.0.0.0:7750, found '0.0.0.0'"),
    Spoilt(
      "    account:", "    mode: 0644\n    account:",
      "a.yaml:8: mode: '0644' lets everybody on the machine at the account's keys; give no bits to others, such as 0640"),
    Spoilt("    account:", "    mode: rw\n    account:", "a.yaml:8: mode: expected an octal mode such as \"0640\", found 'rw'"),
    Spoilt(
      "    account:", "    mode: 4640\n    account:",
      "a.yaml:8: mode: '4640' has other bits than reading and writing for owner and group; write it as 0640 or 0600"),
    Spoilt("    account:", "    group: a b\n    account:", "a.yaml:8: group: expected the name of a group, found 'a b'"),
    Spoilt(
      "- path: /etc", "- path: etc",
      "a.yaml:7: path: expected an absolute path, found 'etc/keytabs/http.keytab'; write the path from / on"),
    Spoilt(
      "keytabs:\n", "keytabs:\n  - { path: /etc/keytabs/http.keytab, account: LAB\\exch2016asa$ }\n",
      "a.yaml:8: duplicate keytab '/etc/keytabs/http.keytab' of 'LAB\\EXCH2016ASA$', already in line 7; remove one of them"),
    Spoilt(
      "keytabs:\n", "keytabs:\n  - { path: /etc/keytabs/http.keytab, account: LAB\\B$, mode: 0600 }\n",
      "a.yaml:8: keytab '/etc/keytabs/http.keytab' has another owner, group or mode than in line 7; give both entries the same"),
  ]

  @Test("A fault is told in one line with file, line and what was expected", arguments: spoilt)
  func fault(_ spoilt: Spoilt) {
    #expect(ConfigurationText.agent.contains(spoilt.old))
    let faults = ConfigurationText.agentFaults(replacing: spoilt.old, with: spoilt.new)
    #expect(faults.contains { $0 == spoilt.line || $0.hasPrefix(spoilt.line + ";") })
  }

  @Test("An agent without keytabs is refused")
  func noKeytabs() {
    let faults = ConfigurationText.agentFaults(
      replacing: "  - path: /etc/keytabs/http.keytab\n    account: LAB\\EXCH2016ASA$", with: "  []")
    #expect(faults == ["a.yaml:7: keytabs: the list is empty; give at least 1"])
  }
}
