import ActiveDirectory
import Foundation
import RotationCore

/// Judges an account as far as a node that holds its keys can see it.
struct NodeAccountRules {
  private let evidence: NodeAccountEvidence
  private let node: NodeName
  private let now: Date

  init(_ evidence: NodeAccountEvidence, on node: NodeName, now: Date) {
    self.evidence = evidence
    self.node = node
    self.now = now
  }

  /// Everything that was looked at.
  var checks: [DoctorCheck] {
    guard let found = evidence.found else { return [refusal].compactMap(\.self) }
    let attributes = AccountAttributeRules(evidence.account, ExaminedPrincipal(account: found), now: now)
    let account = AccountEvidence(
      name: evidence.account, servicePrincipalNames: evidence.servicePrincipalNames, nodes: [node])
    return attributes.standing + [attributes.encryption] + NameRules(account, holders: evidence.holders, found).named
  }

  private var refusal: DoctorCheck? {
    guard case .accountRefused(let controller, let fault) = evidence.signOn else { return nil }
    let subject = "account \(evidence.account)"
    return DoctorCheck(
      subject, "may sign on",
      DoctorFinding(
        .accountRefused, subject, "\(controller): \(fault.problem)", ["ACCOUNT": evidence.account.samAccountName]))
  }
}
