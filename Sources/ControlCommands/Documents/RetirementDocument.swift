/// What `asactl account retire --json` prints.
package struct RetirementDocument: Encodable, Sendable, Equatable {
  /// One step of turning Kerberos off.
  package struct Step: Encodable, Sendable, Equatable {
    /// `servicePrincipalNames`, `credentials` or `account`.
    package var kind: String
    /// `already`: it was done before; `due`: it is still to be done; `done`: this has done it; `declined`: the person said no; `skipped`: it
    /// cannot be done from here, see the detail.
    package var state: String
    /// What is, or was, to be done.
    package var detail: String
    /// What it breaks.
    package var consequence: String
  }

  /// `DOMAIN\name`.
  package var account: String
  /// Where it is; `null` if it is not in the directory any more.
  @NullIfAbsent package var distinguishedName: String?
  /// In their order.
  package var steps: [Step]
  /// What is to be done besides, one sentence each.
  package var reminders: [String]
  /// Whether nothing was changed.
  package var dryRun: Bool
}
