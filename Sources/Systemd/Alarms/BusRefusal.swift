package import RotationCore

/// Why a call over the bus was not answered with what was asked for. The error's name decides what to do; its text is only shown.
package struct BusRefusal: Error, Sendable, Equatable {
  /// The D-Bus error name, such as `org.freedesktop.DBus.Error.AccessDenied`; `nil` if libsystemd itself failed.
  package let name: String?
  /// The text for people.
  package let text: String

  /// Pairs a name with its text.
  package init(name: String?, text: String) {
    self.name = name
    self.text = text
  }

  /// The refusal to start `unit`, told to a person.
  package func fault(starting unit: String) -> OperatorFault {
    let cause = Self.causes.first { $0.names.contains(name ?? Self.nameless) } ?? Self.otherCause
    return OperatorFault(cause.kind, unit, "\(cause.problem) (\(text))", remedy: cause.remedy)
  }

  /// The refusal to reload or restart `unit`, told to a person.
  package func fault(renewing unit: String) -> OperatorFault {
    let cause = Self.causes.first { $0.names.contains(name ?? Self.nameless) } ?? Self.otherCause
    let remedy =
      switch cause.kind {
      case .permission: "name the unit in a copy of the agent's polkit rule, see 'In and out of service' in the README"
      case .system: "see journalctl -u \(unit)"
      default: "see systemctl status \(unit)"
      }
    return OperatorFault(cause.kind, unit, "could not be reloaded or restarted (\(text))", remedy: remedy)
  }

  private struct Cause {
    let names: Set<String>
    let kind: OperatorFault.Kind
    let problem: String
    let remedy: String
  }

  private static let nameless = ""
  private static let causes = [
    Cause(
      names: [
        "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
        "org.freedesktop.DBus.Error.AuthFailed",
      ], kind: .permission, problem: "may not be started by this service",
      remedy: "the polkit rule 60-asa-rotator.rules is missing or polkit is not installed"),
    Cause(
      names: ["org.freedesktop.systemd1.NoSuchUnit"], kind: .unavailable, problem: "does not exist",
      remedy: "install asa-outcome@.service and run systemctl daemon-reload"),
    Cause(
      names: ["org.freedesktop.systemd1.UnitMasked"], kind: .unavailable,
      problem: "cannot be started, it or polkit.service is masked",
      remedy: "run systemctl unmask on the masked one"),
    Cause(
      names: ["org.freedesktop.systemd1.LoadFailed", "org.freedesktop.systemd1.BadUnitSetting"], kind: .unavailable,
      problem: "cannot be loaded", remedy: "systemctl status of the unit names the faulty line"),
    Cause(
      names: [
        nameless, "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.NoServer",
      ], kind: .unavailable, problem: "cannot be started, the system bus does not answer",
      remedy: "dbus is not running, or systemd is not on it: see systemctl status dbus"),
  ]
  private static let otherCause = Cause(
    names: [], kind: .system, problem: "could not be started", remedy: "see journalctl -u of the unit")
}
