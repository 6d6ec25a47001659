import ActiveDirectory
package import Foundation
import RotationCore

/// Judges the nodes by what the running rotator says of them, and by the tickets that domain controllers issue.
package struct NodeRules {
  private let fleet: FleetEvidence
  private let realms: [RealmEvidence]
  private let now: Date

  /// Takes what was seen.
  package init(_ fleet: FleetEvidence, realms: [RealmEvidence], now: Date) {
    self.fleet = fleet
    self.realms = realms
    self.now = now
  }

  /// Everything that was looked at.
  package var checks: [DoctorCheck] {
    fleet.nodes.nodes.flatMap { node in
      [connection(node)] + (node.isAttached ? certificate(node) + clocks(node) : [])
    } + fleet.status.accounts.flatMap(checks)
  }

  private func connection(_ node: NodeDocument) -> DoctorCheck {
    let words = ["NODE": node.node]
    let finding: DoctorFinding? =
      if let end = node.excludedUntil {
        DoctorFinding(
          .nodeExcluded, node.node,
          "excluded until \(end.formatted(.iso8601))" + (node.exclusionReason.map { ": \($0)" } ?? ""), words)
      } else {
        switch node.connection {
        case "attached": nil
        case "revoked":
          DoctorFinding(
            .nodeRevoked, node.node,
            node.revokedAt.map { "certificates issued up to \($0.formatted(.iso8601)) are refused" }
              ?? "its certificates are refused",
            words)
        case "never-seen": DoctorFinding(.nodeNeverSeen, node.node, node.fault ?? "it has never attached", words)
        default:
          DoctorFinding(
            .nodeDetached, node.node,
            ["it is not attached", node.lastSeen.map { "last seen \($0.formatted(.iso8601))" }, node.fault].compactMap(\.self)
              .joined(separator: ", "), words)
        }
      }
    return DoctorCheck(node.node, "is attached to the rotator", finding)
  }

  private func certificate(_ node: NodeDocument) -> [DoctorCheck] {
    guard let end = node.certificateNotAfter else { return [] }
    let isSoon = end < now.addingTimeInterval(AccountStanding.notice)
    let text = end <= now ? "it ended at \(end.formatted(.iso8601))" : "it ends at \(end.formatted(.iso8601))"
    return [
      DoctorCheck(
        "certificate of \(node.node)", "is valid for more than 30 days",
        isSoon
          ? DoctorFinding(end <= now ? .certificateExpired : .certificateExpiring, "certificate of \(node.node)", text) : nil)
    ]
  }

  /// Against the rotator's, and against each domain controller's: both may be within bounds and the sum not.
  private func clocks(_ node: NodeDocument) -> [DoctorCheck] {
    guard let offset = node.clockOffset else { return [] }
    let judgement = ClockJudgement(tolerance: realms.map(\.clockSkew).min() ?? 300)
    let own = judgement.check(node.node, against: "the rotator's", offset: offset, words: ["HOST": node.node])
    guard judgement.tolerates(offset) else { return [own] }
    let others = realms.flatMap(\.controllers).compactMap { controller -> DoctorCheck? in
      guard let there = try? controller.greeting.get().clockOffset, judgement.tolerates(there) else { return nil }
      let check = judgement.check(
        node.node, against: "\(controller.name)'s", offset: offset - there,
        words: ["HOST": "\(node.node), or of \(controller.name)"])
      return judgement.tolerates(offset - there) ? nil : check
    }
    return [own] + others
  }
}

extension NodeDocument {
  fileprivate var isAttached: Bool { connection == "attached" }
}

// MARK: - What nodes hold of an account

extension NodeRules {
  private func checks(_ account: AccountDocument) -> [DoctorCheck] {
    let attached = account.nodes.filter { $0.connection == "attached" }
    let holdings = attached.flatMap { node in
      [holding(node, account), encryption(node, account)].compactMap(\.self) + node.consumers.map { consumer($0, on: node) }
    }
    guard let proofs = (try? AccountName(account.account)).flatMap({ fleet.proofs[$0] }) else { return holdings }
    switch proofs {
    case .success(let verdicts):
      return holdings + attached.filter { $0.removedAt == nil }.compactMap { acceptance(of: $0, verdicts, account) }
    case .failure(let fault):
      return holdings + [
        DoctorCheck("account \(account.account)", "has nodes that accept fresh tickets", impossible: fault.description)
      ]
    }
  }

  private func holding(_ node: NodeSlotsDocument, _ account: AccountDocument) -> DoctorCheck {
    let subject = "\(node.node) (\(account.account))"
    let words = ["NODE": node.node]
    let hasFailedConsumer = node.consumers.contains { $0.state == "failed" }
    let finding: DoctorFinding? =
      if let removed = node.removedAt {
        DoctorFinding(.nodeWithheld, subject, "its keys were removed at \(removed.formatted(.iso8601))", words)
      } else if let fault = node.fault {
        // That of a consumer is told of with its name.
        hasFailedConsumer ? nil : DoctorFinding(.nodeFaulty, subject, fault, words)
      } else if node.behind {
        DoctorFinding(.nodeBehind, subject, "it has not confirmed the newest order", words)
      } else { nil }
    return DoctorCheck(subject, "holds what it should", finding)
  }

  private func consumer(_ consumer: ConsumerDocument, on node: NodeSlotsDocument) -> DoctorCheck {
    let words = ["NODE": node.node, "CONSUMER": consumer.name]
    let subject = "consumer \(consumer.name) on \(node.node)"
    let finding: DoctorFinding? =
      switch consumer.state {
      case "failed":
        DoctorFinding(.consumerFailed, subject, consumer.problem ?? "it could not be made to read the keytab", words)
      case "pending": DoctorFinding(.consumerPending, subject, "it has not read the newest key", words)
      default: nil
      }
    return DoctorCheck(subject, "has read the newest key", finding)
  }

  /// Whether the slot that tickets come under has a key of their type.
  private func encryption(_ node: NodeSlotsDocument, _ account: AccountDocument) -> DoctorCheck? {
    let names = Set(account.servicePrincipalNames.map { $0.lowercased() })
    let issued = realms.filter { $0.realm.description == account.realm }.flatMap(\.controllers).flatMap { controller in
      controller.tickets.filter { names.contains($0.key.description.lowercased()) }.compactMap { name, ticket in
        (try? ticket.get()).map { (controller: controller.name, name: name, ticket: $0) }
      }
    }
    guard !issued.isEmpty else { return nil }
    let lacking = issued.first { issue in
      let type = EncryptionType.displayName(issue.ticket.encryptionType)
      return node.slots.contains {
        $0.version == issue.ticket.version.number && !$0.retired && !$0.encryptionTypes.contains(type)
      }
    }
    let subject = "\(node.node) (\(account.account))"
    return DoctorCheck(
      subject, "has keys of the types that tickets come with",
      lacking.map { issue in
        let type = EncryptionType.displayName(issue.ticket.encryptionType)
        return DoctorFinding(
          .encryptionNodeLacks, subject,
          "\(issue.controller) issues tickets for \(issue.name) with \(type) and kvno \(issue.ticket.version), of which the node has no such key"
        )
      })
  }

  /// A ticket that no domain controller issued says nothing about the node.
  private func acceptance(of node: NodeSlotsDocument, _ verdicts: [VerdictDocument], _ account: AccountDocument) -> DoctorCheck?
  {
    let tried = verdicts.filter { $0.node == node.node && $0.version != nil }
    guard !tried.isEmpty else { return nil }
    let refused = tried.filter { !$0.accepted }
    let subject = "\(node.node) (\(account.account))"
    return DoctorCheck(
      subject, "accepts a fresh ticket for every SPN",
      refused.first.map { verdict in
        let source = verdict.domainController.map { " of \($0)" } ?? ""
        let more = refused.count > 1 ? " (and \(refused.count - 1) more)" : ""
        return DoctorFinding(
          .nodeRefusesTicket, subject,
          "a ticket\(source) for \(verdict.servicePrincipalName), kvno \(verdict.version ?? 0): \(verdict.error ?? "refused")\(more)",
          ["NODE": node.node])
      })
  }
}
