import Foundation

/// Renders ``WebVerificationDocument`` for people.
package struct WebVerificationRendering {
  private let style: TextStyle

  /// Makes a renderer.
  package init(style: TextStyle) { self.style = style }

  /// The lines of the whole document.
  package func lines(_ document: WebVerificationDocument) -> [String] {
    [heading(document)] + document.tickets.map(ticket) + [""] + table(document.verdicts).lines(style)
      + document.verdicts.compactMap(remark) + document.warnings.map { style.paint("note: \($0)", .warning) } + [
        "", summary(document),
      ]
  }

  private func heading(_ document: WebVerificationDocument) -> String {
    style.paint("\(document.url) with tickets for \(document.servicePrincipalName) of \(document.account)", .heading)
  }

  private func ticket(_ ticket: WebTicketDocument) -> String {
    if let error = ticket.error { return style.paint("no ticket from \(ticket.domainController): \(error)", .bad) }
    let details = [ticket.version.map { "kvno \($0)" }, ticket.encryptionType].compactMap(\.self)
    return "ticket from \(ticket.domainController): \(details.joined(separator: ", "))"
  }

  private func table(_ verdicts: [WebVerdictDocument]) -> TextTable {
    var table = TextTable(headings: ["NODE", "ADDRESS", "TICKET OF", "KEY", "STATUS", "RESULT"])
    for verdict in verdicts {
      table.append([
        .init(verdict.node), .init(verdict.address ?? "-"), .init(verdict.domainController), key(verdict),
        .init(verdict.status.map(String.init) ?? "-"),
        .init(result(verdict.verdict), verdict.accepted ? .good : .bad),
      ])
    }
    return table
  }

  private func key(_ verdict: WebVerdictDocument) -> TextTable.Cell {
    guard let position = verdict.position else { return .init("kvno \(verdict.version), unknown", .warning) }
    return .init("kvno \(verdict.version), \(position.capitalized)", position == "latest" ? nil : .warning)
  }

  private func result(_ kind: WebVerdictDocument.Kind) -> String {
    switch kind {
    case .accepted: "accepted"
    case .refused: "REFUSED"
    case .unproven: "NO PROOF"
    case .noAuthentication: "NO AUTHENTICATION"
    case .noNegotiate: "NO NEGOTIATE"
    case .redirected: "REDIRECTED"
    case .unresolved: "NO ADDRESS"
    case .connectionRefused: "NOBODY LISTENS"
    case .unreachable: "UNREACHABLE"
    case .timedOut: "NO ANSWER IN TIME"
    case .closed: "NO ANSWER"
    case .badCertificate: "CERTIFICATE"
    case .noTLS: "NO TLS"
    case .notHTTP: "NO HTTP"
    }
  }

  private func remark(_ verdict: WebVerdictDocument) -> String? {
    guard let message = verdict.message else { return nil }
    let place = verdict.address.map { " (\($0))" } ?? ""
    return "\(verdict.node)\(place): \(message)" + (verdict.remedy.map { "; \($0)" } ?? "")
  }

  private func summary(_ document: WebVerificationDocument) -> String {
    style.paint("\(document.accepted) accepted, \(document.refused) refused", document.allAccepted ? .good : .bad)
  }
}
