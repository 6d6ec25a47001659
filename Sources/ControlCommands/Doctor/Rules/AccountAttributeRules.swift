import ActiveDirectory
import Foundation
import RotationCore

/// Judges an account by its own attributes, whoever reads them.
struct AccountAttributeRules {
  private let name: AccountName
  private let principal: ExaminedPrincipal
  private let now: Date

  init(_ name: AccountName, _ principal: ExaminedPrincipal, now: Date) {
    self.name = name
    self.principal = principal
    self.now = now
  }

  private var subject: String { "account \(name)" }

  private func finding(_ kind: FindingKind, _ evidence: String) -> DoctorFinding {
    DoctorFinding(kind, subject, evidence, ["ACCOUNT": name.samAccountName])
  }

  /// Whether it can be used, and has no flag that hampers that.
  var standing: [DoctorCheck] {
    let control = principal.account.control
    let findings = [
      control.contains(.disabled)
        ? finding(.accountDisabled, "ACCOUNTDISABLE is set on \(principal.account.distinguishedName)") : nil,
      principal.account.expires.flatMap(expiry),
      lockout.map { finding(.accountLocked, $0) },
      AccountStanding(principal, now: now).passwordObstacle.map { finding(.accountPasswordExpired, $0) },
    ]
    return [
      DoctorCheck(subject, "is enabled, not expired and not locked out", findings.compactMap(\.self)), flagCheck(control),
    ]
  }

  /// Domain controllers keep the time for a computer account too, and do not act on it.
  private var lockout: String? {
    let since = principal.lockedSince.map { " since \($0.formatted(.iso8601))" } ?? ""
    if principal.account.control.contains(.lockedOut) { return "it is locked out\(since)" }
    guard principal.account.kind == .computer, let time = principal.lockedSince, time > now.addingTimeInterval(-86_400) else {
      return nil
    }
    return "lockoutTime is set\(since); a computer account is not locked out by that"
  }

  private func expiry(_ end: Date) -> DoctorFinding? {
    if end <= now { return finding(.accountExpired, "it expired on \(AccountStanding.day(end))") }
    let isSoon = end < now.addingTimeInterval(AccountStanding.notice)
    return isSoon ? finding(.accountExpiring, "it expires on \(AccountStanding.day(end))") : nil
  }

  private func flagCheck(_ control: UserAccountControl) -> DoctorCheck {
    let table: [(UserAccountControl, FindingKind, String)] = [
      (.desOnly, .accountOnlyDES, "'Use only Kerberos DES encryption types' is set"),
      (.noPreauthentication, .accountNoPreauthentication, "'Do not require Kerberos preauthentication' is set"),
      (.notDelegated, .accountNotDelegated, "'Account is sensitive and cannot be delegated' is set"),
      (.trustedForDelegation, .accountDelegatesEverything, "'Trust for delegation to any service' is set"),
    ]
    return DoctorCheck(
      subject, "has no flag that weakens or hampers Kerberos",
      table.filter { control.contains($0.0) }.map { finding($0.1, $0.2) })
  }

  /// Which types it gets tickets of.
  var encryption: DoctorCheck {
    let attribute = SupportedEncryptionTypes(principal.account.supportedEncryptionTypes)
    let types = (attribute.bits ?? 0) & 0x1F
    let evidence = "msDS-SupportedEncryptionTypes is \(attribute)"
    let kind: FindingKind? =
      if types == 0 { .encryptionUnset } else if attribute.permitted.isEmpty {
        .encryptionNone
      } else if attribute.permitted
        == [.rc4]
      { .encryptionOnlyRC4 } else if types & 0x3 != 0 { .encryptionDES } else { nil }
    return DoctorCheck(subject, "has AES tickets", kind.map { finding($0, evidence) })
  }
}
