import Configuration
import RotationCore
import Testing

@Suite("Loading the schedule of a policy")
struct PolicyConfigurationTests {
  private func policy(_ options: String) throws -> RotationPolicy? {
    let text = ConfigurationText.rotator.replacing("require: 2", with: options)
    return try RotatorConfiguration.parse(yaml: text, file: "r.yaml").accounts.first?.policy
  }

  @Test("Without a word about it, rotations may begin at any time, without jitter")
  func defaults() throws {
    let policy = try policy("require: all")
    #expect(policy?.windows == [])
    #expect(policy?.freezes == [])
    #expect(policy?.jitter == .zero)
    #expect(policy?.retry == RetryPolicy(initial: .seconds(900), maximum: .seconds(21_600)))
    #expect(policy?.overdueAfter == .seconds(86_400))
    #expect(try RotatorConfiguration.parse(yaml: ConfigurationText.rotator, file: "r.yaml").metrics.file == nil)
  }

  @Test(
    "Windows and freezes are a text or a list of texts",
    arguments: [
      ("window: Sun 02:00-05:00 Europe/Copenhagen", ["Sun 02:00-05:00 Europe/Copenhagen"], []),
      ("window: 'Sat,Sun 02:00-05:00 UTC'", ["Sat,Sun 02:00-05:00 UTC"], []),
      ("window: [Sun 02:00-05:00 UTC, Wed 22:00-24:00 UTC]", ["Sun 02:00-05:00 UTC", "Wed 22:00-24:00 UTC"], []),
      ("freeze: 2026-12-24 UTC", [], ["2026-12-24 UTC"]),
      (
        "freeze: [2026-12-24 UTC, 2026-12-31 to 2027-01-01 UTC]", [], ["2026-12-24 UTC", "2026-12-31 to 2027-01-01 UTC"]
      ),
    ] as [(String, [String], [String])])
  func texts(option: String, windows: [String], freezes: [String]) throws {
    let policy = try policy(option)
    #expect(try policy?.windows == windows.map(MaintenanceWindow.init))
    #expect(try policy?.freezes == freezes.map(FreezePeriod.init))
  }

  @Test("Jitter, retry and overdue are read in their own units, each half of retry alone too")
  func durations() throws {
    let policy = try policy("jitter: 30m, retry: { initial: 30s, maximum: 2h }, overdueAfter: 3d")
    #expect(policy?.jitter == .seconds(1800))
    #expect(policy?.retry == RetryPolicy(initial: .seconds(30), maximum: .seconds(7200)))
    #expect(policy?.overdueAfter == .seconds(3 * 86_400))
    #expect(try self.policy("retry: { initial: 1h }")?.retry == RetryPolicy(initial: .seconds(3600)))
    #expect(try self.policy("retry: { maximum: 1h }")?.retry == RetryPolicy(maximum: .seconds(3600)))
    #expect(try self.policy("retry: {}")?.retry == RetryPolicy())
  }

  static let spoilt: [(option: String, fault: String)] = [
    (
      "window: Sun 02:00-05:00",
      "window: window 'Sun 02:00-05:00' names no time zone; write it as Sun 02:00-05:00 Europe/Copenhagen"
    ),
    (
      "window: Sun 02:00-05:00 Europe/Copenhagn",
      "window: window 'Sun 02:00-05:00 Europe/Copenhagn' names 'Europe/Copenhagn', which is not an IANA time zone; "
        + "did you mean Europe/Copenhagen?"
    ),
    ("window: { days: Sun }", "window: expected a window such as Sun 02:00-05:00 Europe/Copenhagen, found a mapping"),
    ("window: []", "window: the list is empty; give at least 1"),
    (
      "window: [Sun 02:00-05:00 UTC, Sun 02:00-05:00 UTC]",
      "window: duplicate 'Sun 02:00-05:00 UTC', already in line 16; remove one of them"
    ),
    (
      "freeze: 2026-12-24",
      "freeze: freeze '2026-12-24' names no time zone; write it as 2026-12-18 to 2027-01-04 Europe/Copenhagen"
    ),
    (
      "freeze: [2026-12-01 to 2027-11-30 UTC, 2027-12-01 to 2028-11-30 UTC, 2028-12-01 to 2029-11-30 UTC]",
      "freeze: from '2026-12-01 to 2027-11-30 UTC' on no rotation could begin for two years; "
        + "leave days between the freezes, or use asactl pause"
    ),
    ("jitter: 30", "jitter: '30' has no unit; write it as 45s, 90m, 12h or 30d"),
    ("jitter: 2d", "jitter: expected a duration from 0s to 1d with a unit s, m, h or d, found '2d'"),
    ("retry: 5m", "retry: expected a mapping with the keys initial, maximum, found '5m'"),
    ("retry: { initial: 1s }", "initial: expected a duration from 10s to 1d with a unit s, m, h or d, found '1s'"),
    ("retry: { first: 1m }", "unknown key 'first'; expected one of initial, maximum"),
    (
      "retry: { initial: 7h }",
      "retry: 'maximum' (6h unless it is given) is shorter than 'initial' (15m unless it is given); give both"
    ),
    (
      "retry: { initial: 1h, maximum: 59m }",
      "retry: 'maximum' (6h unless it is given) is shorter than 'initial' (15m unless it is given); give both"
    ),
    ("overdueAfter: 30s", "overdueAfter: expected a duration from 1m to 90d with a unit s, m, h or d, found '30s'"),
    ("pause: true", "'pause' is not available in this version; use asactl pause"),
  ]

  @Test("A wrong schedule is told with its line and what was expected", arguments: spoilt)
  func fault(option: String, fault: String) {
    #expect(ConfigurationText.rotatorFaults(replacing: "require: 2", with: option) == ["r.yaml:16: \(fault)"])
  }

  @Test("Jitter of more than half an interval is refused")
  func jitterOfInterval() {
    let fault = "r.yaml:16: jitter: is longer than half of 'every'; shorten it, or lengthen 'every'"
    #expect(ConfigurationText.rotatorFaults(replacing: "every: 30d, require: 2", with: "every: 1h, jitter: 31m") == [fault])
    #expect(ConfigurationText.rotatorFaults(replacing: "every: 30d, require: 2", with: "every: 1h, jitter: 30m") == [])
  }

  @Test("Metrics are written to an absolute path or not at all")
  func metrics() throws {
    let text = ConfigurationText.rotator + "metrics: { file: /var/lib/node-exporter/asa-rotator.prom }\n"
    #expect(
      try RotatorConfiguration.parse(yaml: text, file: "r.yaml").metrics.file == "/var/lib/node-exporter/asa-rotator.prom")
    let faults = ConfigurationText.rotatorFaults(
      replacing: "arrays:\n  - name", with: "metrics: { file: x.prom }\narrays:\n  - name")
    #expect(faults == ["r.yaml:17: file: expected an absolute path, found 'x.prom'; write the path from / on"])
  }
}
