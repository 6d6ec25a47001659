import Foundation
import RotationCore

/// The metrics in Prometheus' text exposition format, for node_exporter's textfile collector. Pure; the same input gives the same text.
package struct MetricsText: Sendable {
  /// The whole file.
  package let text: String

  /// Lays the metrics out, metric by metric, accounts and nodes by name.
  package init(_ input: MetricsInput) {
    let accounts = input.accounts.sorted { $0.account.description < $1.account.description }
    let families = Self.daemon(input) + Self.schedule(accounts, now: input.now) + Self.state(accounts, now: input.now)
    text = families.map(\.text).joined()
  }

  private typealias Account = MetricsInput.Account

  // MARK: The daemon

  private static func daemon(_ input: MetricsInput) -> [MetricFamily] {
    let certificates = input.nodeCertificateExpiries.sorted { $0.key.description < $1.key.description }
    return [
      gauge("asa_build_info", "Always 1; the label is the version of asa-rotatord.", [([("version", input.version)], 1)]),
      gauge("asa_store_writable", "Whether the store took the last write.", [([], input.isStoreWritable ? 1 : 0)]),
      gauge(
        "asa_alarms", "Alarms that stand, acknowledged ones included, by the instance of asa-outcome@.service.",
        AlarmOutcome.allCases.map { ([("outcome", $0.rawValue)], Double(input.alarms[$0] ?? 0)) }),
      gauge(
        "asa_certificate_expiry_timestamp_seconds", "When the rotator's own TLS certificate expires.",
        input.certificateExpiry.map { [([], $0.timeIntervalSince1970)] } ?? []),
      gauge(
        "asa_node_certificate_expiry_timestamp_seconds", "When the certificate expires that the node last came with.",
        certificates.map { ([("node", $0.key.description)], $0.value.timeIntervalSince1970) }),
    ]
  }

  // MARK: Schedules

  private static func schedule(_ accounts: [Account], now: Date) -> [MetricFamily] {
    [
      MetricFamily(
        name: "asa_rotations_total", kind: .counter, help: "Attempts that have ended, by how, since the store was made.",
        samples: accounts.flatMap { account in
          RotationOutcome.allCases.map { outcome in
            (label(account) + [("outcome", outcome.rawValue)], Double(account.rotations[outcome] ?? 0))
          }
        }),
      perAccount("asa_last_success_timestamp_seconds", "When the last rotation succeeded, degraded or not.", accounts) {
        $0.lastSuccess?.timeIntervalSince1970
      },
      perAccount("asa_last_success_age_seconds", "Seconds since the last rotation succeeded, degraded or not.", accounts) {
        $0.lastSuccess.map { now.timeIntervalSince($0) }
      },
      perAccount("asa_due_timestamp_seconds", "When the next rotation is due.", accounts) { $0.due.timeIntervalSince1970 },
      perAccount("asa_due_in_seconds", "Seconds until the next rotation is due; negative while one is.", accounts) {
        $0.due.timeIntervalSince(now)
      },
      perAccount("asa_schedule_paused", "Whether the schedule is paused.", accounts) { $0.isPaused ? 1 : 0 },
      perAccount("asa_failures_in_a_row", "Attempts that have failed since the last success.", accounts) {
        Double($0.failuresInARow)
      },
    ]
  }

  // MARK: Rotations, nodes and keys

  private static func state(_ accounts: [Account], now: Date) -> [MetricFamily] {
    [
      gauge(
        "asa_rotation_phase_info", "Always 1; the label is the phase of the rotation in progress, or idle.",
        accounts.map { (label($0) + [("phase", $0.phase)], 1) }),
      gauge(
        "asa_rotation_phase_duration_seconds", "What each phase of the last ended rotation took.",
        accounts.flatMap { account in durations(of: account).map { (label(account) + [("phase", $0.phase)], $0.seconds) } }),
      perAccount("asa_nodes_configured", "Nodes of the account's arrays, revoked ones not counted.", accounts) {
        Double($0.nodesConfigured)
      },
      perAccount("asa_nodes_attached", "Nodes of them with a live stream.", accounts) { Double($0.nodesAttached) },
      perAccount("asa_nodes_behind", "Nodes of them that do not hold what they should.", accounts) { Double($0.nodesBehind) },
      perAccount("asa_controllers_behind", "Domain controllers that do not answer or do not serve what they should.", accounts)
      {
        Double($0.controllersBehind)
      },
      gauge(
        "asa_slot_age_seconds", "Seconds since the key in the slot was made, the oldest of several.",
        accounts.flatMap { account in
          SlotPosition.allCases.compactMap { position in
            let oldest = account.slots.filter { $0.position == position }.map(\.setAt).min()
            return oldest.map { (label(account) + [("position", position.rawValue)], now.timeIntervalSince($0)) }
          }
        }),
    ]
  }

  /// A phase in its first place, with all its times: a series may stand in the file only once.
  private static func durations(of account: Account) -> [(phase: String, seconds: Double)] {
    var sums: [(phase: String, seconds: Double)] = []
    for (phase, seconds) in account.phaseDurations {
      if let index = sums.firstIndex(where: { $0.phase == phase }) {
        sums[index].seconds += seconds
      } else {
        sums.append((phase, seconds))
      }
    }
    return sums
  }

  // MARK: Shapes

  private static func label(_ account: Account) -> MetricFamily.Labels { [("account", account.account.description)] }

  private static func gauge(
    _ name: String, _ help: String, _ samples: [(labels: MetricFamily.Labels, value: Double)]
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, help: help, samples: samples)
  }

  private static func perAccount(
    _ name: String, _ help: String, _ accounts: [Account], _ value: (Account) -> Double?
  ) -> MetricFamily {
    gauge(name, help, accounts.compactMap { account in value(account).map { (label(account), $0) } })
  }
}
