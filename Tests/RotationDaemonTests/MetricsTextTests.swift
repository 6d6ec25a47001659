import Foundation
import RotationCore
import RotationDaemon
import Testing

@Suite("The metrics")
struct MetricsTextTests {
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  private func account(_ name: String = "LAB\\ASA$") throws -> MetricsInput.Account {
    MetricsInput.Account(account: try AccountName(name), due: now.addingTimeInterval(-90))
  }

  private func full() throws -> MetricsInput {
    var account = try account()
    account.rotations = [.succeeded: 7, .failed: 2]
    account.lastSuccess = now.addingTimeInterval(-3600.5)
    account.isPaused = true
    account.failuresInARow = 2
    account.phase = "staging"
    account.phaseDurations = [("staging", 1.5), ("committing", 0.2504), ("staging", 2)]
    account.nodesConfigured = 3
    account.nodesAttached = 2
    account.nodesBehind = 1
    account.controllersBehind = 1
    account.slots = [
      (.latest, now.addingTimeInterval(-10)), (.retiring, now.addingTimeInterval(-20)),
      (.retiring, now.addingTimeInterval(-30)),
    ]
    var input = MetricsInput(now: now, version: "1.2.3")
    input.accounts = [account]
    input.certificateExpiry = now.addingTimeInterval(86_400)
    input.nodeCertificateExpiries = [try NodeName("cas-1.lab.example"): now.addingTimeInterval(60)]
    input.alarms = [.behind: 2]
    input.isStoreWritable = false
    return input
  }

  private func values(of input: MetricsInput) throws -> [String: Double] {
    let parsed = try ExpositionParser(MetricsText(input).text)
    let named = parsed.values.map { series, value in
      let labels = series.labels.filter { $0.key != "account" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      return ([series.name] + labels).joined(separator: " ")
        .appending(series.labels["account"].map { " of \($0)" } ?? "")
        .appending(" = \(value)")
    }
    return Dictionary(uniqueKeysWithValues: named.map { ($0, 1) })
  }

  @Test(
    "Everything that is known is told",
    arguments: [
      "asa_build_info version=1.2.3 = 1.0", "asa_store_writable = 0.0", "asa_alarms outcome=behind = 2.0",
      "asa_alarms outcome=failed = 0.0", "asa_certificate_expiry_timestamp_seconds = 1700086400.0",
      "asa_node_certificate_expiry_timestamp_seconds node=cas-1.lab.example = 1700000060.0",
      "asa_rotations_total outcome=succeeded of LAB\\ASA$ = 7.0", "asa_rotations_total outcome=degraded of LAB\\ASA$ = 0.0",
      "asa_rotations_total outcome=failed of LAB\\ASA$ = 2.0",
      "asa_last_success_timestamp_seconds of LAB\\ASA$ = 1699996399.5", "asa_last_success_age_seconds of LAB\\ASA$ = 3600.5",
      "asa_due_timestamp_seconds of LAB\\ASA$ = 1699999910.0", "asa_due_in_seconds of LAB\\ASA$ = -90.0",
      "asa_schedule_paused of LAB\\ASA$ = 1.0", "asa_failures_in_a_row of LAB\\ASA$ = 2.0",
      "asa_rotation_phase_info phase=staging of LAB\\ASA$ = 1.0", "asa_nodes_configured of LAB\\ASA$ = 3.0",
      "asa_nodes_attached of LAB\\ASA$ = 2.0", "asa_nodes_behind of LAB\\ASA$ = 1.0",
      "asa_controllers_behind of LAB\\ASA$ = 1.0", "asa_slot_age_seconds position=latest of LAB\\ASA$ = 10.0",
    ])
  func content(sample: String) throws { #expect(try values(of: full())[sample] != nil) }

  @Test("A phase that was entered twice is one series with the sum, and of several slots in a position the oldest counts")
  func oneSeriesEach() throws {
    let values = try values(of: full())
    #expect(values["asa_rotation_phase_duration_seconds phase=staging of LAB\\ASA$ = 3.5"] != nil)
    #expect(values["asa_rotation_phase_duration_seconds phase=committing of LAB\\ASA$ = 0.25"] != nil)
    #expect(values["asa_slot_age_seconds position=retiring of LAB\\ASA$ = 30.0"] != nil)
  }

  @Test("What is not known has no series, instead of a number that looks like knowledge")
  func unknown() throws {
    var input = MetricsInput(now: now, version: "1")
    input.accounts = [try account()]
    let names = Set(try ExpositionParser(MetricsText(input).text).values.keys.map(\.name))
    #expect(
      names.isDisjoint(with: [
        "asa_last_success_timestamp_seconds", "asa_last_success_age_seconds", "asa_slot_age_seconds",
        "asa_rotation_phase_duration_seconds", "asa_certificate_expiry_timestamp_seconds",
        "asa_node_certificate_expiry_timestamp_seconds",
      ]))
    #expect(names.contains("asa_due_in_seconds"))
  }

  @Test("Names end in the unit and counters in _total, and every metric is explained")
  func conventions() throws {
    let parsed = try ExpositionParser(MetricsText(full()).text)
    for (name, type) in parsed.types {
      #expect((type == "counter") == name.hasSuffix("_total"), "\(name)")
      #expect(parsed.helps[name]?.isEmpty == false)
    }
  }

  @Test("Backslashes, quotes and line breaks in a label survive the way through the format")
  func escaping() throws {
    let version = "a\\b\"c\nd\\n{}ü,="
    let parsed = try ExpositionParser(MetricsText(MetricsInput(now: now, version: version)).text)
    #expect(parsed.values.keys.contains { $0.name == "asa_build_info" && $0.labels == ["version": version] })
  }

  @Test("The order of accounts and nodes handed in makes no difference")
  func stable() throws {
    var input = try full()
    input.accounts.append(try account("LAB\\B$"))
    let text = MetricsText(input).text
    input.accounts.reverse()
    #expect(MetricsText(input).text == text)
  }
}
