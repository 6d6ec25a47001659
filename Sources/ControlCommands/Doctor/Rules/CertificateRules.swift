package import Foundation
import RotationCore

/// Judges certificates, by the files that they are in.
package struct CertificateRules {
  private let certificate: CertificateEvidence
  private let now: Date

  /// Takes what was seen.
  package init(_ certificate: CertificateEvidence, now: Date) {
    self.certificate = certificate
    self.now = now
  }

  private static let notice: TimeInterval = 30 * 86400

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    switch certificate.contents {
    case .success(let contents):
      return [
        DoctorCheck(
          certificate.path, "is valid for more than 30 days",
          ([contents.leaf] + contents.intermediates).compactMap { validity($0, certificate.path) }),
        DoctorCheck(certificate.path, "is one that the other side accepts", fitness(contents)), authorities(contents),
      ]
    // A file that is not there is told of once.
    case .failure(let fault) where fault.kind == .noInput: return []
    case .failure(let fault) where fault.kind == .permission:
      return [DoctorCheck(certificate.path, "is one that the other side accepts", impossible: fault.description)]
    case .failure(let fault):
      return [DoctorCheck(certificate.path, "is one that the other side accepts", unfit(fault.problem))]
    }
  }

  private func unfit(_ evidence: String) -> DoctorFinding {
    DoctorFinding(.certificateUnfit, certificate.path, evidence, ["ROLE": certificate.role.rawValue])
  }

  private func validity(_ document: CertificateDocument, _ path: String) -> DoctorFinding? {
    let end = document.notAfter.formatted(.iso8601)
    if document.notAfter <= now { return DoctorFinding(.certificateExpired, path, "it ended at \(end)") }
    guard document.notAfter < now.addingTimeInterval(Self.notice) else { return nil }
    return DoctorFinding(.certificateExpiring, path, "it ends at \(end), in \(document.daysLeft) days")
  }

  private func fitness(_ contents: CertificateEvidence.Contents) -> [DoctorFinding] {
    var problems: [String] = []
    if contents.leaf.notBefore > now {
      problems.append("it is not valid before \(contents.leaf.notBefore.formatted(.iso8601))")
    }
    switch certificate.role {
    case .rotator where !contents.isForServers: problems.append("it lacks the extended key usage serverAuth")
    case .node where !contents.isForClients: problems.append("it lacks the extended key usage clientAuth")
    case .node where contents.isForServers: problems.append("it is also for servers (serverAuth), which a node's must not be")
    case .rotator, .node: break
    }
    if contents.leaf.names.isEmpty { problems.append("it has no DNS name") }
    // One that is over is trusted by nobody; that is told of already.
    if contents.isTrusted == false, contents.leaf.notAfter > now {
      problems.append("none of \(contents.authorityPath) has signed it")
    }
    if contents.hasKey == false { problems.append("the private key does not belong to it, or cannot be read as one") }
    return problems.map(unfit) + [wrongName(contents)].compactMap(\.self)
  }

  private func wrongName(_ contents: CertificateEvidence.Contents) -> DoctorFinding? {
    guard let node = certificate.node, !contents.leaf.names.isEmpty,
      contents.leaf.names.map({ $0.lowercased() }) != [node.description]
    else { return nil }
    return DoctorFinding(
      .certificateWrongName, certificate.path,
      "it is for \(contents.leaf.names.joined(separator: ", ")), and \(certificate.configuration) says node \(node)",
      ["CONFIGURATION": certificate.configuration, "NODE": node.description])
  }

  /// One that is over does no harm beside another that is not.
  private func authorities(_ contents: CertificateEvidence.Contents) -> DoctorCheck {
    let last = contents.authorities.max { $0.notAfter < $1.notAfter }
    return DoctorCheck(
      contents.authorityPath, "holds an authority that is valid for more than 30 days",
      last.map { [validity($0, contents.authorityPath)].compactMap(\.self) } ?? [
        unfit("\(contents.authorityPath) holds no certificate")
      ])
  }
}
