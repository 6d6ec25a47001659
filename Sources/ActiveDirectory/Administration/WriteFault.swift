import CLDAP
import RotationCore

/// What a write by an administrator that was not applied means to him.
struct WriteFault {
  let host: String
  /// What was to be done, as the subject of a sentence: `the account CN=...`.
  let subject: String
  /// Whether SPNs are added, so that a violated constraint is that of their uniqueness.
  var addsNames = false

  // ERROR_DS_CONSTRAINT_VIOLATION, as Samba says it, and ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST (MS-ERREF 2.2).
  private static let duplicates: Set<UInt32?> = [0x202F, 0x21C7]

  /// Throws what an outcome other than success means.
  func check(_ outcome: WriteOutcome) throws(OperatorFault) {
    switch outcome {
    case .applied: return
    case .notSent(let problem): throw OperatorFault(.software, "libldap", "did not send the write: \(problem)")
    case .noAnswer(let problem):
      throw OperatorFault(
        .unavailable, "domain controller \(host)", "did not answer the write, which may have been applied: \(problem)",
        remedy: "run the command again when it answers: it looks first at what is done already")
    case .refused(let result): throw fault(result)
    }
  }

  private func fault(_ result: LDAPResult) -> OperatorFault {
    let answer = "LDAP \(result)"
    return switch result.code {
    case LDAP_INSUFFICIENT_ACCESS:
      OperatorFault(
        .permission, subject, "\(host) refused the write for want of a right (\(answer))",
        remedy: "run this as somebody who may do it")
    case LDAP_ALREADY_EXISTS:
      OperatorFault(.cannotCreate, subject, "\(host) has an object of this name already (\(answer))", remedy: "choose another")
    case LDAP_NO_SUCH_OBJECT:
      OperatorFault(.noInput, subject, "\(host) has no such object any more (\(answer))")
    case LDAP_REFERRAL:
      OperatorFault(
        .configuration, "domain controller \(host)", "takes no writes (\(answer))", remedy: "name a writable one with --dc")
    case LDAP_CONSTRAINT_VIOLATION
    where addsNames && Self.duplicates.contains(WriteRefusal.windowsError(in: result.diagnostic)):
      OperatorFault(
        .cannotCreate, subject, "\(host) knows another object that holds one of the SPNs (\(answer))",
        remedy: "find it with 'asactl spn query', and take the SPN off it")
    default: OperatorFault(.protocol, subject, "\(host) refused the write (\(answer))")
    }
  }
}
